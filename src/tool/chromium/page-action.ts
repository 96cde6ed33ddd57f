import { z } from 'zod'

const text = z.string().min(1).max(1000)

/** An element as a person names it (its role and name, or its label), or by a CSS selector. */
const element = z.union([
  z.strictObject({ role: z.string().regex(/^[a-z]{1,40}$/), name: text.optional() }),
  z.strictObject({ label: text }),
  z.strictObject({ selector: text }),
])
export type NamedElement = z.infer<typeof element>

/** A host, which means `https://HOST`, or a whole origin such as `http://localhost:8080`. */
const host = z.string().regex(/^(?:https?:\/\/)?[a-z0-9.:[\]-]{1,255}$/)

/** One action on a page. */
export const pageAction = z.union([
  z.strictObject({ open: z.string().min(1).max(8192) }),
  z.strictObject({ click: element }),
  z.strictObject({ fill: element, text: z.string().max(100_000) }),
  z.strictObject({ fill: element, secret: z.string().min(1).max(10_000), hosts: z.array(host).min(1).max(20) }),
  z.strictObject({ select: element, option: text }),
  z.strictObject({ press: z.string().min(1).max(100), on: element.optional() }),
  z.strictObject({ wait: element }),
  z.strictObject({ upload: element, file: z.string().min(1).max(200) }),
])
export type PageAction = z.infer<typeof pageAction>

/** Whether an action may change something beyond the page. */
export const isHarmless = (action: PageAction): boolean => 'open' in action || 'wait' in action

/** An action in words for people, without what is typed. */
export function wordsOfAction(action: PageAction): string {
  if ('open' in action) return `open ${action.open}`
  if ('press' in action) return `press ${action.press}${action.on ? ` on ${wordsOfElement(action.on)}` : ''}`
  if ('select' in action) return `select ${JSON.stringify(action.option)} in ${wordsOfElement(action.select)}`
  if ('upload' in action) return `upload ${action.file} to ${wordsOfElement(action.upload)}`
  const [[verb, on]] = Object.entries(action) as [[string, NamedElement]]
  return `${verb === 'wait' ? 'wait for' : verb} ${wordsOfElement(on)}`
}

export function wordsOfElement(element: NamedElement): string {
  if ('selector' in element) return element.selector
  if ('label' in element) return `the field ${JSON.stringify(element.label)}`
  return `the ${element.role}${element.name === undefined ? '' : ` ${JSON.stringify(element.name)}`}`
}
