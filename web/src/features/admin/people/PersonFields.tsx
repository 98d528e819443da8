import { Form, Input, Segmented, Select, TreeSelect } from 'antd'
import type { Schemas } from '@/shared/api'
import { teamChoices, useOrganisation } from '../teams'
import { useAdminTexts } from '../texts'
import { ROLES, useRoleName } from '../words'
import own from './People.module.css'

export type Fields = Required<Omit<Schemas['NewPerson'], 'team'>> & { team: number | null }

/** What is asked of somebody, new or known. */
export function PersonFields() {
  const t = useAdminTexts()
  const roleName = useRoleName()
  const organisation = useOrganisation()
  return (
    <>
      <Form.Item
        name="name"
        label={t('people.name')}
        rules={[{ required: true, whitespace: true, message: t('person.nameNeeded') }]}
      >
        <Input maxLength={150} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="email"
        label={t('people.email')}
        rules={[{ required: true, type: 'email', message: t('person.emailNeeded') }]}
      >
        <Input maxLength={254} autoComplete="off" inputMode="email" />
      </Form.Item>
      <Form.Item name="team" label={t('people.team')}>
        <TreeSelect
          allowClear
          treeDefaultExpandAll
          placeholder={t('people.teamless')}
          showSearch={{ treeNodeFilterProp: 'title' }}
          treeData={teamChoices(organisation.data)}
          loading={organisation.isPending}
        />
      </Form.Item>
      <Form.Item
        name="roles"
        label={t('people.role')}
        extra={<span className={own.extra}>{t('person.roleHint')}</span>}
      >
        <Select
          mode="multiple"
          placeholder={t('people.noRole')}
          showSearch={{ optionFilterProp: 'label' }}
          options={ROLES.map((role) => ({ value: role, label: roleName(role) }))}
        />
      </Form.Item>
      <Form.Item name="language" label={t('people.language')}>
        <Segmented
          aria-label={t('people.language')}
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
      </Form.Item>
    </>
  )
}
