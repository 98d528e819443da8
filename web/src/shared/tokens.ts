/** Colours, checked: text ≥ 4.5:1 on page, card and tinted chips; categories tell apart with any colour vision. */
export type Mode = 'light' | 'dark'

const light = {
  page: '#F5F6F8',
  surface: '#FFFFFF',
  surface2: '#F9FAFB',
  raised: '#FFFFFF',
  border: '#E4E7EC',
  text: '#1B2430',
  text2: '#505B6B',
  text3: '#5F6979',
  primary: '#2F5FC4',
  primaryHover: '#3D6CC9',
  primaryBg: '#EDF2FC',
  onPrimary: '#FFFFFF',
  selected: '#2F5FC4',
  ok: '#17704F',
  okBg: '#E9F5F0',
  warn: '#8F5508',
  warnBg: '#FBF2E3',
  bad: '#BF3B2F',
  badBg: '#FBECEA',
}

const dark: typeof light = {
  page: '#11151B',
  surface: '#191E26',
  surface2: '#1F2530',
  raised: '#232A35',
  border: '#2B333F',
  text: '#E6EAF0',
  text2: '#A9B3C2',
  text3: '#8792A3',
  primary: '#7CA2F2',
  primaryHover: '#94B4F6',
  primaryBg: '#1E2A44',
  onPrimary: '#0E1420',
  selected: '#9DBBF7',
  ok: '#4FBF93',
  okBg: '#16302A',
  warn: '#D9A24A',
  warnBg: '#352A17',
  bad: '#E8796C',
  badBg: '#3A2220',
}

export const colours = { light, dark }
export type Colours = typeof light

/** For charts: `category` for up to six series (beyond: direct labels), `heat` low→high, `diverging` negative→positive. */
export const series = {
  light: {
    category: ['#2F5FC4', '#C8741D', '#155250', '#559E72', '#71330C', '#5D93B8'],
    heat: ['#F1F5FC', '#D3E0F7', '#A4BFED', '#6E96DD', '#3D6CC9', '#244A99'],
    diverging: ['#B5452F', '#DE9A86', '#E9EBEF', '#86C3BA', '#14807A'],
  },
  dark: {
    category: ['#7CA2F2', '#907900', '#B2E5D0', '#4F8491', '#FDD176', '#879269'],
    heat: ['#1B2431', '#22365A', '#2B4B82', '#3B68B4', '#6292E2', '#ADC9FA'],
    diverging: ['#E8796C', '#8F5349', '#2F3743', '#3C716B', '#4DBDB3'],
  },
} as const

export const font =
  '-apple-system, BlinkMacSystemFont, "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", "Segoe UI", Roboto, sans-serif'
