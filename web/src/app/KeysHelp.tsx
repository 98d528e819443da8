import { Modal } from 'antd'
import { Fragment } from 'react'
import styles from './KeysHelp.module.css'
import type { entriesFor } from './nav'
import { useShellTexts } from './texts'

export default function KeysHelp({
  entries,
  mayCreate,
  close,
}: {
  entries: ReturnType<typeof entriesFor>
  mayCreate: boolean
  close: () => void
}) {
  const t = useShellTexts()
  const mac = /Mac|iP(hone|ad)/.test(navigator.platform)
  const rows: [string, string[]][] = [
    [t('keys.palette'), [mac ? '⌘ K' : 'Ctrl K']],
    ...entries.flatMap(({ name, key }): [string, string[]][] =>
      key ? [[t('palette.go', { page: t(`nav.${name}`) }), ['G', key.toUpperCase()]]] : [],
    ),
    ...(mayCreate ? [[t('keys.create'), ['C']] as [string, string[]]] : []),
    [t('keys.filter'), ['/']],
    [t('keys.walk'), ['J', 'K']],
    [t('keys.cells'), ['←', '→']],
    [t('keys.enter'), ['Enter']],
    [t('keys.full'), [mac ? '⌘ Enter' : 'Ctrl Enter']],
    [t('keys.edit'), ['E']],
    [t('keys.select'), ['X']],
    [t('keys.proposals'), ['P']],
    [t('keys.escape'), ['Esc']],
    [t('keys.help'), ['?']],
  ]
  return (
    <Modal open onCancel={close} footer={null} title={t('keys.title')} width={680}>
      <dl className={styles.keys}>
        {rows.map(([what, keys]) => (
          <Fragment key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  )
}
