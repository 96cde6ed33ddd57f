/** The text of a recording; `start` and `end` in seconds. */
export type Transcript = {
  readonly text: string
  readonly model: string
  readonly language?: string
  readonly seconds?: number
  /** dollars, if the configuration states the price */
  readonly cost?: number
  readonly segments: readonly { readonly text: string; readonly start: number; readonly end: number }[]
}
