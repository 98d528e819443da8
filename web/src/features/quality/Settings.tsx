import { App, Radio, Select } from 'antd'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useReload } from './data'
import styles from './Quality.module.css'
import { useQualityTexts } from './texts'

type Setting = Schemas['QualityOut']

const TOLD = ['team', 'exists', 'nothing'] as const
const CERTAINTIES = [0.75, 0.85, 0.9, 0.95, 0.99] as const
const NEVER = 0
const SETTINGS = ['get', '/api/quality/settings']

/** How the organisation wants it. */
export function Settings() {
  const query = api.useQuery('get', '/api/quality/settings')
  return <Loaded query={query}>{(setting) => <Form setting={setting} />}</Loaded>
}

function Form({ setting }: { setting: Setting }) {
  const t = useQualityTexts()
  const format = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const reload = useReload(SETTINGS)
  const save = api.useMutation('put', '/api/quality/settings', {
    onSuccess: () => {
      void message.success(t('settings.saved'))
      return reload()
    },
    onError: (error) => void message.error(named(asProblem(error))),
  })
  const { hidden_matches, departs_from } = setting
  const change = (some: Partial<Schemas['QualityIn']>) =>
    save.mutate({ body: { hidden_matches, departs_from, ...some } })
  const known = departs_from === null || CERTAINTIES.some((each) => each === departs_from)
  const certainties = known ? CERTAINTIES : [...CERTAINTIES, departs_from].sort()
  return (
    <div className={styles.settings}>
      {!setting.may_change && <p className={styles.faint}>{t('settings.reserved')}</p>}
      <div className={styles.setting}>
        <h2 id="quality-hidden">{t('settings.hidden')}</h2>
        <p className={styles.faint}>{t('settings.hiddenAbout')}</p>
        <Radio.Group
          aria-labelledby="quality-hidden"
          disabled={!setting.may_change || save.isPending}
          value={hidden_matches}
          onChange={({ target }) => change({ hidden_matches: target.value as Setting['hidden_matches'] })}
          options={TOLD.map((each) => ({ value: each, label: t(`settings.told.${each}`) }))}
        />
      </div>
      <div className={styles.setting}>
        <h2>{t('settings.departs')}</h2>
        <p className={styles.faint}>{t('settings.departsAbout')}</p>
        <Select
          aria-label={t('settings.departs')}
          className={styles.certainty}
          disabled={!setting.may_change || save.isPending}
          value={departs_from ?? NEVER}
          onChange={(value: number) => change({ departs_from: value === NEVER ? null : value })}
          options={[
            { value: NEVER, label: t('settings.never') },
            ...certainties.map((each) => ({
              value: each,
              label: t('settings.from', { percent: format.percent(each) }),
            })),
          ]}
        />
      </div>
    </div>
  )
}
