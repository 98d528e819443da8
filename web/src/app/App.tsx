import { QueryClientProvider } from '@tanstack/react-query'
import { App as AntApp, ConfigProvider } from 'antd'
import zhCN from 'antd/locale/zh_CN'
import { Suspense } from 'react'
import { RouterProvider } from 'react-router/dom'
import 'dayjs/locale/zh-cn'
import { useLanguage } from '@/shared/i18n'
import { antTheme, useCssTokens, useMode, useReducedMotion } from '@/shared/theme'
import { queries } from './queries'
import { router } from './router'

export function App() {
  const mode = useMode()
  const language = useLanguage()
  const still = useReducedMotion()
  useCssTokens(mode)
  return (
    <ConfigProvider
      theme={antTheme(mode, !still)}
      locale={language === 'zh' ? zhCN : undefined}
      button={{ autoInsertSpace: false }}
      wave={{ disabled: true }}
    >
      <AntApp message={{ maxCount: 2 }}>
        <QueryClientProvider client={queries}>
          <Suspense fallback={null}>
            <RouterProvider router={router} />
          </Suspense>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  )
}
