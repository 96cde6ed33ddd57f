import {
  type ParseOptions,
  parseCondition,
  parseTemplate,
  renderTemplate,
  type TemplateScope,
  type TemplateView,
  testCondition,
  VIEW,
} from '../../src/template/template.ts'

/** A scope over plain data. */
export function scopeOf(values: { readonly [name: string]: unknown }): TemplateScope {
  return { get: (name) => (Object.hasOwn(values, name) ? values[name] : undefined) }
}

/** What a text yields over plain data. */
export function yielding(
  source: string,
  values: { readonly [name: string]: unknown } = {},
  options: ParseOptions = {},
): unknown {
  return renderTemplate(parseTemplate(source, options), scopeOf(values))
}

/** Whether a condition holds over plain data. */
export function holding(
  source: string,
  values: { readonly [name: string]: unknown } = {},
  options: ParseOptions = {},
): boolean {
  return testCondition(parseCondition(source, options), scopeOf(values))
}

/** The view of a step that ran, over its result. */
export function stepOf(result: unknown, text: string, envelope: { readonly [name: string]: unknown } = {}): unknown {
  const fields = new Map(Object.entries({ status: 'completed', result, ...envelope }))
  const view: TemplateView = {
    get: (name) => fields.get(name) ?? fieldOf(result, name),
    text: () => text,
    value: () => result,
    truthy: true,
    defined: true,
  }
  return { [VIEW]: view }
}

/** The view of a step that was skipped. */
export function skippedStep(): unknown {
  const view: TemplateView = {
    get: (name) => (name === 'status' ? 'skipped' : undefined),
    text: () => '',
    truthy: false,
    defined: false,
    absent: 'was skipped (condition_false)',
  }
  return { [VIEW]: view }
}

function fieldOf(result: unknown, name: string): unknown {
  return typeof result === 'object' && result !== null && Object.hasOwn(result, name)
    ? (result as { readonly [name: string]: unknown })[name]
    : undefined
}

type Thrown = { readonly [part in 'code' | 'message' | 'place' | 'hint' | 'name']?: unknown }

/** What is thrown, as the parts a test looks at; nothing when nothing is. */
export function thrownBy(action: () => unknown): Thrown {
  try {
    action()
  } catch (error) {
    const { code, message, place, hint, name } = error as Thrown
    return { code, message, place, hint, name }
  }
  return {}
}

/** The seconds of processor time an action takes: what else the machine does, or another thread of this process, does not count. */
export function secondsFor(action: () => unknown): number {
  const before = process.threadCpuUsage()
  action()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000_000
}
