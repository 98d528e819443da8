import { Segmented, Tabs } from 'antd'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import styles from '../admin.module.css'
import { useAdminTexts } from '../texts'
import { useAddress } from '../useAddress'
import { type Shape, useShape } from './data'
import { FieldRules } from './FieldRules'
import { OwnFields } from './OwnFields'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

/** What each kind of record has besides what comes with Foresail, and which role does what with a field. */
export default function FieldsPage() {
  const admin = useAdminTexts()
  const query = useShape()
  useTitle(admin('section.fields'))
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{admin('section.fields')}</h1>
      </div>
      <Loaded query={query}>{(shapes) => <Kinds shapes={shapes} />}</Loaded>
    </div>
  )
}

function Kinds({ shapes }: { shapes: Shape[] }) {
  const t = useShapingTexts()
  const named = useNamed()
  const { search, change } = useAddress()
  const shape = shapes.find(({ key }) => key === search.get('kind')) ?? shapes[0]
  if (!shape) return null
  const title = (one: { zh: string; en: string }) => {
    const name = named(one)
    return name.charAt(0).toUpperCase() + name.slice(1)
  }
  return (
    <>
      <div className={own.bar}>
        <Segmented
          value={shape.key}
          options={shapes.map((one) => ({ value: one.key, label: title(one) }))}
          onChange={(kind) => change({ kind })}
        />
      </div>
      <Tabs
        activeKey={search.get('view') === 'rules' ? 'rules' : 'own'}
        onChange={(view) => change({ view: view === 'rules' ? view : undefined })}
        items={[
          {
            key: 'own',
            label: t('fields.own'),
            children: <OwnFields key={shape.key} shape={shape} shapes={shapes} />,
          },
          { key: 'rules', label: t('fields.rules'), children: <FieldRules shape={shape} /> },
        ]}
      />
    </>
  )
}
