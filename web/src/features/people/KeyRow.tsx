import { Button, Popconfirm, Tag } from 'antd'
import type { Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import styles from './MePage.module.css'
import { usePeopleTexts } from './texts'

/** One key: what it is for, until when, last used when; and the way to end it. */
export function KeyRow({
  row,
  areas,
  owner,
  revoke,
}: {
  row: Schemas['KeyOut']
  areas: readonly Schemas['AreaOut'][]
  owner?: string
  revoke: () => void
}) {
  const t = usePeopleTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const format = useFormat()
  const used = row.seen_at
    ? t('keys.used', { when: format.relative(row.seen_at), address: row.address ?? '—' })
    : t('keys.unused')
  return (
    <div className={styles.row}>
      <div>
        <div className={styles.device}>
          {[owner, row.name].filter(Boolean).join(' · ')}
          <code className={styles.prefix}>{row.prefix}…</code>
        </div>
        <div className={styles.device}>
          {areas
            .filter(({ area }) => area in row.areas)
            .map((area) => (
              <Tag key={area.area}>
                {named(area)} · {t(row.areas[area.area] === 'write' ? 'keys.write' : 'keys.read')}
              </Tag>
            ))}
        </div>
        <div className={styles.meta}>
          {t('keys.expires', { when: format.day(row.expires_at) })} · {used}
        </div>
      </div>
      <Popconfirm
        title={t('keys.revokeAsk')}
        okText={t('keys.revoke')}
        cancelText={shared('cancel')}
        onConfirm={revoke}
      >
        <Button type="text" danger aria-label={t('keys.revokeThat', { name: row.name })}>
          {t('keys.revoke')}
        </Button>
      </Popconfirm>
    </div>
  )
}
