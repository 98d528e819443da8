import { CloseOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { PersonSelect } from '@/features/admin/PersonSelect'
import { api } from '@/shared/api'
import { type Collecting, useAfter } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

/** The data-governance group: who decides. Administrators say who belongs to it. */
export function Group({ collecting }: { collecting: Collecting }) {
  const t = useGovernanceTexts()
  const { fail, again } = useAfter()
  const [chosen, setChosen] = useState<number>()
  const add = api.useMutation('put', '/api/collecting/guardians/{person}', {
    onError: fail,
    onSettled: again,
  })
  const remove = api.useMutation('delete', '/api/collecting/guardians/{person}', {
    onError: fail,
    onSettled: again,
  })
  return (
    <section className={styles.part} aria-labelledby="group">
      <h2 id="group">{t('group.title')}</h2>
      <div className={styles.chips}>
        {collecting.guardians.length === 0 && <span className={styles.faint}>{t('group.none')}</span>}
        {collecting.guardians.map((person) => (
          <span key={person.id} className={styles.chip}>
            {person.name}
            {collecting.may_appoint && (
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined aria-hidden />}
                aria-label={`${t('group.remove')}: ${person.name}`}
                onClick={() => remove.mutate({ params: { path: { person: person.id } } })}
              />
            )}
          </span>
        ))}
      </div>
      {collecting.may_appoint && (
        <div className={styles.line}>
          <PersonSelect label={t('group.add')} value={chosen} onChange={setChosen} />
          <Button
            disabled={chosen === undefined}
            loading={add.isPending}
            onClick={() => {
              if (chosen !== undefined) add.mutate({ params: { path: { person: chosen } } })
              setChosen(undefined)
            }}
          >
            {t('group.add')}
          </Button>
        </div>
      )}
    </section>
  )
}
