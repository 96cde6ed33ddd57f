import type { Source } from './source.ts'
import { isNode, type Node, nodesBelow } from './syntax.ts'

/**
 * Places whose errors are findings, with what they look like. A finding stands after a file, a line or a key, such as
 * `pipeline.yaml:3:5: expected a list, got a number`: it begins with a small letter and ends without a full stop. Such
 * a place has sentences, too.
 */
export const FINDINGS: { readonly [place: string]: string } = {
  'src/agent/definition/': 'tides.md:2:1: `tools`: expected a list, got a number',
  'src/config/': 'antiphon.yaml:1:1: there is no setting `modle`',
  'src/lib/': 'line 1, column 21: expected a value, got `}`',
  'src/pipeline/language/': 'pipeline.yaml:3:5: error[missing_steps] a pipeline requires `steps:`',
  'src/source/open-file.ts': 'tides.pdf was not read: it is larger than 64 MiB',
  'src/template/': 'steps[0].condition: unknown filter `lenght`',
  'src/tool/builtin/table/data.ts': 'steps[0].parameters: it needs `criteria`',
  'src/yaml/': 'antiphon.yaml:4:7: this is not YAML',
}

const FAMILY =
  /^(?:Antiphon|Terminal|Retryable|Cancelled|Timeout|Unknown|Invalid|NotFound|Busy|Replay|Question|Protocol)Error$/

/** A command to copy ends without a full stop. */
const COMMAND = /: antiphon [^.]*$|--[a-z]+ [A-Z]+$/

/**
 * Messages of errors that are not sentences: a capital or a name at the beginning, and a full stop at the end. A value
 * in its place may be a name at the beginning, and the text of another error at the end. Findings have a style of
 * their own.
 */
export function oddErrorTexts({ path, errorTexts }: Source): string[] {
  const isOdd = Object.keys(FINDINGS).some((place) => path.startsWith(place)) ? isNeither : isNoSentence
  return errorTexts.filter(isOdd).map((message) => `${path} ${message}`)
}

/** Messages of errors, as far as a file shows them. */
export function errorTextsOf(nodes: readonly Node[]): readonly string[] {
  const makers = new Map(nodes.flatMap(makerOf))
  const texts = nodes.flatMap((node) => {
    const place = isError(node) ? 0 : makers.get(calleeOf(node) ?? '')
    return place === undefined ? [] : textsOf((node.arguments as readonly unknown[])[place], nodes)
  })
  return [...new Set(texts)]
}

const isError = (node: Node) => node.type === 'NewExpression' && FAMILY.test(String((node.callee as Node).name))

const calleeOf = ({ type, callee }: Node) => (type === 'CallExpression' ? String((callee as Node).name) : undefined)

/** A function that throws or makes an error with one of its parameters as the message. */
function makerOf(node: Node): readonly (readonly [name: string, place: number])[] {
  const made = node.type === 'FunctionDeclaration' ? node : node.init
  if (!isNode(made) || !/Function/.test(made.type) || !isNode(node.id)) return []
  const names = (made.params as readonly Node[]).map(({ name }) => name)
  const given = nodesBelow(made.body)
    .filter(isError)
    .map((error) => (error.arguments as readonly Node[])[0]?.name)
  const place = names.findIndex((name) => name !== undefined && given.includes(name))
  return place < 0 ? [] : [[String(node.id.name), place]]
}

/** The texts that an argument may be, with `$` for each value in them. */
function textsOf(node: unknown, nodes: readonly Node[]): readonly string[] {
  if (!isNode(node)) return []
  if (node.type === 'Literal') return typeof node.value === 'string' ? [node.value] : []
  if (node.type === 'TemplateLiteral') {
    const parts = node.quasis as readonly { readonly value: { readonly cooked: string } }[]
    return [parts.map(({ value }) => value.cooked).join('$')]
  }
  if (node.type === 'ConditionalExpression')
    return [node.consequent, node.alternate].flatMap((branch) => textsOf(branch, nodes))
  if (node.type !== 'Identifier') return []
  const declared = nodes.filter(({ type, id }) => type === 'VariableDeclarator' && (id as Node).name === node.name)
  return declared
    .filter(({ init }) => !isNode(init) || init.type !== 'Identifier')
    .flatMap(({ init }) => textsOf(init, nodes))
}

const beginsSmall = (message: string) => /^[a-z]+(?:[\s,;'’]|$)/.test(message)
const isEnded = (message: string) => /[.?!…$]$/.test(message) || COMMAND.test(message)

function isNoSentence(message: string): boolean {
  if (message === '' || message === 'cancelled') return false
  return beginsSmall(message) || !isEnded(message)
}

/** Neither a finding nor a sentence: half of each. */
function isNeither(message: string): boolean {
  return beginsSmall(message) ? /[.!?]$/.test(message) : /^[A-Z][a-z]*\s/.test(message) && !isEnded(message)
}

/** A line to copy: a command as the whole hint, or code behind a colon. It ends without a full stop. */
const TO_COPY =
  /^(?:antiphon|npm) |: (?:(?:antiphon|npm|iconv|openssl|echo|GET) |[\w.]+\(|\w+: |s3:|https?:|[^\sA-Za-z`]).*$/

/** Whether a hint is no sentence with a capital and a full stop, and no line to copy. */
export const isOddHint = (hint: string): boolean =>
  (beginsSmall(hint) && !/^(?:antiphon|npm) /.test(hint)) || (!/[.?!…$]$/.test(hint) && !TO_COPY.test(hint))

/** Hints of errors and findings that are no sentences. */
export const oddHints = ({ path, hints }: Source): string[] =>
  hints.filter((hint) => hint !== '' && isOddHint(hint)).map((hint) => `${path} ${hint}`)

/** Hints, as far as a file shows them. */
export function hintsOf(nodes: readonly Node[]): readonly string[] {
  const values = nodes.flatMap(({ type, key, id, value, init }) => {
    if (type === 'Property' && (key as Node).name === 'hint') return [value]
    return type === 'VariableDeclarator' && /hint$/i.test(String((id as Node).name)) ? [init] : []
  })
  return [...new Set(values.flatMap((value) => textsOf(value, nodes)))]
}
