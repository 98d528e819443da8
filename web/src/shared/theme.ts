import { type ThemeConfig, theme } from 'antd'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { usePrefs } from './prefs'
import { type Colours, colours, font, type Mode, series } from './tokens'

const system = matchMedia('(prefers-color-scheme: dark)')
const still = matchMedia('(prefers-reduced-motion: reduce)')

const watch = (query: MediaQueryList) => (told: () => void) => {
  query.addEventListener('change', told)
  return () => query.removeEventListener('change', told)
}
const watchSystem = watch(system)
const watchStill = watch(still)

/** Light or dark, as chosen or as the system says. */
export function useMode(): Mode {
  const chosen = usePrefs((prefs) => prefs.theme)
  const dark = useSyncExternalStore(watchSystem, () => system.matches)
  return chosen === 'system' ? (dark ? 'dark' : 'light') : chosen
}

/** For what is drawn outside CSS, such as charts. In CSS use var(--text-2), var(--ok-bg) and so on. */
export function useColours(): Colours & (typeof series)[Mode] {
  const mode = useMode()
  return useMemo(() => ({ ...colours[mode], ...series[mode] }), [mode])
}

/** Whether the person asked for less motion: then charts must not animate. */
export function useReducedMotion(): boolean {
  return useSyncExternalStore(watchStill, () => still.matches)
}

/** Give CSS the tokens of `mode`: text2 is var(--text-2), surface is var(--surface). */
export function useCssTokens(mode: Mode): void {
  useEffect(() => {
    const root = document.documentElement
    root.dataset.theme = mode
    for (const [name, value] of Object.entries(colours[mode])) root.style.setProperty(cssName(name), value)
  }, [mode])
}

const cssName = (name: string) => `--${name.replace(/([A-Z]|\d)/g, (part) => `-${part.toLowerCase()}`)}`

/** The dark algorithm darkens the main colours, below what can be read: these stay as they were checked. */
const asGiven: NonNullable<Extract<ThemeConfig['algorithm'], unknown[]>[number]> = (seed, map) => ({
  ...(map ?? theme.defaultAlgorithm(seed)),
  colorPrimary: seed.colorPrimary,
  colorInfo: seed.colorInfo,
  colorSuccess: seed.colorSuccess,
  colorWarning: seed.colorWarning,
  colorError: seed.colorError,
  colorPrimaryText: seed.colorPrimary,
  colorInfoText: seed.colorInfo,
  colorSuccessText: seed.colorSuccess,
  colorWarningText: seed.colorWarning,
  colorErrorText: seed.colorError,
})

/** Ant Design in the colours and sizes of this house. */
export function antTheme(mode: Mode, motion: boolean): ThemeConfig {
  const c = colours[mode]
  return {
    cssVar: { key: 'fs' },
    hashed: false,
    algorithm: [mode === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm, asGiven],
    token: {
      colorPrimary: c.primary,
      colorInfo: c.primary,
      colorPrimaryHover: c.primaryHover,
      colorPrimaryActive: c.primary,
      colorLink: c.primary,
      colorLinkHover: c.primaryHover,
      colorErrorHover: c.bad,
      colorSuccess: c.ok,
      colorWarning: c.warn,
      colorError: c.bad,
      colorSuccessBg: c.okBg,
      colorWarningBg: c.warnBg,
      colorErrorBg: c.badBg,
      colorInfoBg: c.primaryBg,
      colorBgLayout: c.page,
      colorBgContainer: c.surface,
      colorBgElevated: c.raised,
      colorBorder: c.border,
      colorBorderSecondary: c.border,
      colorText: c.text,
      colorTextSecondary: c.text2,
      colorTextTertiary: c.text3,
      colorTextDescription: c.text3,
      colorTextPlaceholder: c.text3,
      colorTextDisabled: c.text3,
      fontFamily: font,
      fontSize: 14,
      fontSizeSM: 12,
      fontSizeHeading3: 20,
      fontSizeHeading4: 16,
      fontSizeHeading5: 14,
      borderRadius: 6,
      borderRadiusLG: 8,
      controlHeight: 32,
      controlHeightSM: 26,
      boxShadow: '0 6px 24px rgba(16,24,40,.12)',
      boxShadowSecondary: '0 6px 24px rgba(16,24,40,.12)',
      motion,
      motionDurationMid: '0.15s',
      motionDurationSlow: '0.18s',
      wireframe: false,
    },
    components: {
      Button: {
        primaryColor: c.onPrimary,
        defaultShadow: 'none',
        primaryShadow: 'none',
        dangerShadow: 'none',
      },
      Card: { bodyPadding: 14, headerHeight: 40, headerFontSize: 14 },
      Form: { itemMarginBottom: 16 },
      Menu: {
        itemSelectedBg: c.primaryBg,
        itemSelectedColor: c.selected,
        itemHeight: 34,
        itemBorderRadius: 6,
      },
      Segmented: { itemSelectedBg: c.surface, trackBg: mode === 'dark' ? c.page : '#EEF0F3' },
      Table: {
        cellPaddingBlockSM: 6,
        headerBg: c.surface2,
        headerColor: c.text2,
        headerSplitColor: 'transparent',
        headerSortActiveBg: c.surface2,
        headerSortHoverBg: c.surface2,
        cellFontSizeSM: 13,
      },
      Tag: { defaultBg: c.surface2 },
      // An empty box must be seen to be ticked.
      Checkbox: { colorBorder: c.text3 },
      Radio: { colorBorder: c.text3 },
    },
  }
}
