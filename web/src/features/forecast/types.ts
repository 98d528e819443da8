import type { components } from '@/generated/api'

type Schemas = components['schemas']

export type Outlook = Schemas['OutlookOut']
export type History = Schemas['HistoryOut']
export type HistoryPoint = Schemas['HistoryPoint']
export type Swing = Schemas['Swing']
export type Driver = Schemas['DriverOut']
export type Forecast = Schemas['ForecastOut']
export type ScopeTotals = Schemas['ScopeTotals']
export type PeriodTotal = Schemas['PeriodTotal']
export type Estimate = Schemas['EstimateOut']
export type Changes = Schemas['ChangesOut']
export type ChangeStep = Schemas['ChangeStep']
export type CalibrationBin = Schemas['CalibrationBin']
export type Model = Schemas['ModelOut']
