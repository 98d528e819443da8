import { useQueryClient } from '@tanstack/react-query'
import { App, Modal, Select } from 'antd'
import { useState } from 'react'
import { useNames } from '@/features/records/names'
import { api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Kind, listPath, OVERVIEW } from './data'
import styles from './Pool.module.css'
import { usePoolTexts } from './texts'

/** Give records out of the pool to somebody. */
export default function AssignDialog({
  kind,
  ids,
  onClose,
}: {
  kind: Kind
  ids: number[]
  onClose: (done: boolean) => void
}) {
  const t = usePoolTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const names = useNames()
  const [to, setTo] = useState<number>()
  const assign = api.useMutation('post', `/api/pool/${kind}-assignments` as '/api/pool/account-assignments', {
    onSuccess: ({ changed, refused }) => {
      const who = names.nameOf('person', to ?? 0) ?? ''
      const reasons = [...new Set(refused.map(named))].slice(0, 3).join(' ')
      const told = changed.length ? t('assigned', { count: changed.length, who }) : ''
      if (refused.length)
        void message.warning(`${told} ${t('assignRefused', { count: refused.length })}${reasons}`.trim(), 6)
      else void message.success(told)
      onClose(changed.length > 0)
    },
    onError: (error) => void message.error(named(asProblem(error))),
    onSettled: () => {
      for (const queryKey of [['get', listPath(kind)], OVERVIEW, ['get', `/api/records/${kind}`]])
        void queries.invalidateQueries({ queryKey })
    },
  })
  return (
    <Modal
      open
      width={420}
      title={t('assignTitle', { count: ids.length })}
      okText={t('assign').replace('…', '')}
      cancelText={shared('cancel')}
      okButtonProps={{ disabled: to === undefined }}
      confirmLoading={assign.isPending}
      onOk={() => to !== undefined && assign.mutate({ body: { ids, to } })}
      onCancel={() => onClose(false)}
    >
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the select is inside */}
      <label className={styles.field}>
        <span>{t('assignTo')}</span>
        <Select
          aria-label={t('assignTo')}
          placeholder={t('assignNeeded')}
          showSearch={{ optionFilterProp: 'label' }}
          value={to}
          options={names.optionsOf('person')}
          optionRender={({ data }) => (
            <>
              {data.label} <span className={styles.faint}>{data.note}</span>
            </>
          )}
          onChange={setTo}
        />
      </label>
    </Modal>
  )
}
