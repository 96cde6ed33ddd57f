/** The key under which a value may carry a view: how templates see it. */
export const VIEW: unique symbol = Symbol.for('antiphon.view')

/** The key under which a list or map may carry readable fields that are not listed: `(name) => field`. */
export const HIDDEN: unique symbol = Symbol.for('antiphon.hidden')

/** How templates see a value that is more than its data, such as the outcome of a step. */
export interface TemplateView {
  /** the value of `value.name`; undefined: no such field */
  get(name: string): unknown
  /** its text, for printing, comparing, searching, measuring and parsing */
  text(): string
  /** the list or map that it represents in loops, subscripts, list filters and `tojson`; absent: its text */
  value?(): unknown
  /** its value if it is the whole result of a template; absent: its text */
  readonly alone?: unknown
  /** its truth value in `if` */
  readonly truthy: boolean
  /** false: `default` replaces it and `is defined` denies it */
  readonly defined: boolean
  /** why it has fewer fields than others of its kind, as in 'failed: no such file' */
  readonly absent?: string
}

/** Resolves the names of a template. Undefined means unknown. Templates can call functions. */
export interface TemplateScope {
  get(name: string): unknown
}

/** A scope of the names of a map, over those of another scope. */
export const scopeOf = (names: { readonly [name: string]: unknown }, outer?: TemplateScope): TemplateScope => ({
  get: (name) => (Object.hasOwn(names, name) ? names[name] : outer?.get(name)),
})

export function viewOf(value: unknown): TemplateView | undefined {
  return typeof value === 'object' && value !== null && VIEW in value
    ? (value as { [VIEW]: TemplateView })[VIEW]
    : undefined
}

/** A field of a list or map that is not listed. */
export function hiddenOf(value: object, name: string): unknown {
  return HIDDEN in value ? (value as { [HIDDEN](name: string): unknown })[HIDDEN](name) : undefined
}

/** A text as the answer of a step: trimmed for comparison, and as a number or boolean if it reads as one. */
export function textView(text: string): { readonly [VIEW]: TemplateView } {
  return { [VIEW]: { get: () => undefined, text: () => text, truthy: !isNoText(text), defined: true } }
}

/** Whether a text means false: '', false, no, none or 0. */
export function isNoText(text: string): boolean {
  return ['', 'false', 'no', 'none', '0'].includes(text.trim().toLowerCase())
}
