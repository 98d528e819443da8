import { Button, Collapse, Form, Input, Modal } from 'antd'
import { useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { Empty } from '@/shared/states'
import { type Collecting, useAfter } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

type Wording = Schemas['WordingOut']
type Purpose = Collecting['purposes'][number]
const LONGEST = 5_000

/** What people are asked, word by word, for each purpose; what they were asked before stays as it was. */
export function Wordings({ collecting }: { collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const { data: me } = useMe()
  const [adding, setAdding] = useState<Purpose>()
  const mayAdd = me && (me.scopes.configure === 'all' || me.scopes.administer === 'all')
  return (
    <>
      <p className={styles.intro}>{t('wordings.intro')}</p>
      {collecting.purposes.map((purpose) => {
        const [now, ...earlier] = collecting.wordings.filter((each) => each.purpose === purpose.key)
        const add = mayAdd && (
          <Button onClick={() => setAdding(purpose)}>{t(now ? 'wordings.another' : 'wordings.add')}</Button>
        )
        return (
          <section key={purpose.key} className={styles.part} aria-labelledby={`wording-${purpose.key}`}>
            <div className={styles.head}>
              <h2 id={`wording-${purpose.key}`}>{named(purpose)}</h2>
              {now && <Who wording={now} />}
              {now && <div className={styles.actions}>{add}</div>}
            </div>
            {now ? <Text wording={now} /> : <Empty why={t('wordings.none')} action={add} />}
            {earlier.length > 0 && (
              <Collapse
                ghost
                size="small"
                items={[
                  {
                    key: 'earlier',
                    label: t('wordings.earlier', { count: earlier.length }),
                    children: earlier.map((each) => (
                      <div key={each.id} className={styles.part}>
                        <Who wording={each} />
                        <Text wording={each} />
                      </div>
                    )),
                  },
                ]}
              />
            )}
          </section>
        )
      })}
      {adding && (
        <NewWording
          purpose={adding}
          from={collecting.wordings.find((each) => each.purpose === adding.key)}
          close={() => setAdding(undefined)}
        />
      )}
    </>
  )
}

function Who({ wording }: { wording: Wording }) {
  const t = useGovernanceTexts()
  const format = useFormat()
  const { version, added_by, added_at } = wording
  return (
    <span className={styles.faint}>
      {t('wordings.by', { version, name: added_by.name, at: format.moment(added_at) })}
    </span>
  )
}

function Text({ wording }: { wording: Wording }) {
  return (
    <div className={styles.wording}>
      <p lang="zh-CN">{wording.zh}</p>
      <p lang="en">{wording.en}</p>
    </div>
  )
}

function NewWording({
  purpose,
  from,
  close,
}: {
  purpose: Purpose
  from: Wording | undefined
  close: () => void
}) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const { say, again } = useAfter()
  const [texts, setTexts] = useState({ zh: from?.zh ?? '', en: from?.en ?? '' })
  const [tried, setTried] = useState(false)
  const add = api.useMutation('post', '/api/collecting/wordings', {
    onSuccess: ({ version }) => {
      say(t('wordings.done', { version }))
      close()
    },
    onSettled: again,
  })
  const same = texts.zh.trim() === from?.zh && texts.en.trim() === from.en
  const lacking = { zh: !texts.zh.trim(), en: !texts.en.trim() }
  return (
    <Modal
      open
      title={t('wordings.title', { purpose: named(purpose), version: (from?.version ?? 0) + 1 })}
      okText={t('wordings.publish')}
      okButtonProps={{ disabled: same }}
      cancelText={t('form.cancel')}
      confirmLoading={add.isPending}
      width={640}
      onCancel={close}
      onOk={() => {
        setTried(true)
        if (!lacking.zh && !lacking.en)
          add.mutate({ body: { purpose: purpose.key as Wording['purpose'], ...texts } })
      }}
    >
      <p className={styles.faint}>{t('wordings.stays')}</p>
      <Form layout="vertical" requiredMark={false}>
        {(['zh', 'en'] as const).map((language) => (
          <Form.Item
            key={language}
            label={t(`wordings.${language}`)}
            htmlFor={`wording-${language}`}
            {...(tried && lacking[language]
              ? ({ validateStatus: 'error', help: t('wordings.needed') } as const)
              : {})}
          >
            <Input.TextArea
              id={`wording-${language}`}
              lang={language}
              rows={4}
              maxLength={LONGEST}
              value={texts[language]}
              onChange={({ target }) => setTexts((now) => ({ ...now, [language]: target.value }))}
            />
          </Form.Item>
        ))}
        {add.error && (
          <p role="alert" className={styles.wrongText}>
            {named(asProblem(add.error))}
          </p>
        )}
      </Form>
    </Modal>
  )
}
