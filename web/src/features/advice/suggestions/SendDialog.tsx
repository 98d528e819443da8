import { Button, Modal, Radio, Select } from 'antd'
import { useId, useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { ErrorBox, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useContacts, useLibrary } from '../data'
import { useSend } from '../useSend'
import { type Suggestion, useAction, type useDecide } from './data'
import styles from './Suggestions.module.css'
import { useSuggestionTexts } from './texts'

/** What to send and to whom: the suggestion is done once the link is there, and stays where it was until then. */
export default function SendDialog({
  suggestion,
  deal,
  decide,
  close,
}: {
  suggestion: Suggestion
  deal: number
  decide: ReturnType<typeof useDecide>
  close: () => void
}) {
  const t = useSuggestionTexts()
  const shared = useSharedTexts()
  const actionOf = useAction()
  const id = useId()
  const params = { path: { deal } }
  const content = api.useQuery('get', '/api/deals/{deal}/content', { params })
  const { contacts, error } = useContacts(deal)
  const [picked, setPicked] = useState<number>()
  const [chosen, setChosen] = useState<number | null>()
  const send = useSend(deal, close)
  const best = content.data?.best ?? []
  const asset = picked ?? best[0]?.asset.id
  const contact = best.find((each) => each.asset.id === asset)?.contact
  const to = chosen === undefined ? (contact?.id ?? null) : chosen
  const people =
    contact && !contacts.some((each) => each.id === contact.id) ? [...contacts, contact] : contacts
  return (
    <Modal
      open
      width={560}
      title={t('action.send_content')}
      onCancel={close}
      footer={
        <div className={styles.buttons}>
          <Button
            type="text"
            onClick={() => {
              close()
              void decide.accept(suggestion)
            }}
          >
            {t('send.later')}
          </Button>
          <Button onClick={close}>{shared('cancel')}</Button>
          <Button
            type="primary"
            disabled={asset === undefined}
            loading={send.isPending}
            onClick={() =>
              asset !== undefined &&
              send.mutate({ params, body: { asset, contact: to, suggestion: suggestion.id } })
            }
          >
            {t('send.copy')}
          </Button>
        </div>
      }
    >
      <div className={styles.send}>
        <p>{actionOf(suggestion)}</p>
        <Loaded query={content}>{() => <Choice best={best} asset={asset} pick={setPicked} />}</Loaded>
        <div className={styles.field}>
          <label htmlFor={`${id}-to`}>{t('send.to')}</label>
          <Select
            id={`${id}-to`}
            value={to ?? 0}
            options={[
              ...people.map((each) => ({ value: each.id, label: each.name })),
              { value: 0, label: t('send.nobody') },
            ]}
            onChange={(key) => setChosen(key || null)}
          />
        </div>
        {error && <ErrorBox error={error} />}
        <p className={styles.meta}>{t('send.about')}</p>
      </div>
    </Modal>
  )
}

/** What fits, the best first; or anything else of the library. */
function Choice({
  best,
  asset,
  pick,
}: {
  best: readonly Schemas['AdvisedOut'][]
  asset: number | undefined
  pick: (asset: number) => void
}) {
  const t = useSuggestionTexts()
  const named = useNamed()
  const id = useId()
  const library = useLibrary(true)
  const fits = new Set(best.map((each) => each.asset.id))
  const others = (library.data?.items ?? []).filter((each) => !fits.has(each.id))
  return (
    <>
      {best.length > 0 ? (
        <Radio.Group
          className={styles.choice}
          aria-label={t('send.what')}
          value={asset}
          onChange={(event) => pick(event.target.value as number)}
        >
          {best.map((each) => (
            <Radio key={each.asset.id} value={each.asset.id}>
              <span className={styles.what}>{each.asset.title}</span>
              <span className={styles.meta}>{each.reasons.map((reason) => named(reason)).join(' · ')}</span>
            </Radio>
          ))}
        </Radio.Group>
      ) : (
        <p className={styles.meta}>{t('send.none')}</p>
      )}
      <div className={styles.field}>
        <label htmlFor={`${id}-other`}>{t('send.other')}</label>
        <Select
          id={`${id}-other`}
          showSearch={{ optionFilterProp: 'label' }}
          loading={library.isPending}
          placeholder={t('send.search')}
          value={asset !== undefined && !fits.has(asset) ? asset : null}
          options={others.map((each) => ({ value: each.id, label: each.title }))}
          onChange={pick}
        />
        {library.error && <ErrorBox error={library.error} retry={() => void library.refetch()} />}
      </div>
    </>
  )
}
