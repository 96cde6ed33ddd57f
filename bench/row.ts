import type { Counter } from './count/trace.ts'

/** A row of the table: one figure of ours, what it is measured against, and what was promised of it. */
export type Row = {
  readonly name: string
  readonly title: string
  /** the figure of the measurements below that is compared */
  readonly figure: string
  readonly unit: string
  readonly better: 'more' | 'less'
  /** the measurement that is ours, such as `antiphon/update-64` */
  readonly ours: string
  /** what our figure itself must reach */
  readonly goal?: Goal
  readonly against: readonly Rival[]
  /** it takes minutes: measured once, and only when it is named */
  readonly slow?: true
  /** it counts rather than times: measured in the first round only, on machines that can count it */
  readonly counts?: Counter
}

/** What a figure or a ratio must reach (`floor`), and where it ought to get (`aim`). */
export type Goal = { readonly floor?: number; readonly aim?: number }

/** What our figure is divided by, measured in the same round; `goal` is of that ratio. */
export type Rival = {
  readonly name: string
  readonly measurement: string
  /** absent: the row's */
  readonly figure?: string
  readonly goal?: Goal
}
