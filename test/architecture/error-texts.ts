import { parseAst } from 'vitest/node'
import { isNode, type Node, walk } from './source.ts'

/** Folders whose errors are not sentences, with the reason. */
export const OTHER_TEXTS: { readonly [folder: string]: string } = {
  'src/agent/definition/': 'findings: `key`: expected a list, got a number',
  'src/config/': 'findings: `key`: expected a list, got a number',
  'src/kernel/': 'problems of stored messages, and faults of values: `path`: expected a text',
  'src/lib/': 'faults of values: `path`: expected a text',
  'src/model/': 'reasons that a question or a step quotes: the model `name` failed',
  'src/pipeline/': 'findings, and reasons that a step quotes',
  'src/source/': 'reasons that a report of a source quotes: it is a folder',
  'src/template/': 'findings: filter: expected a list, got text',
  'src/testing/': 'differences between a case and its transcript',
  'src/tool/': 'results of calls, which a model reads',
  'src/yaml/': 'findings: expected a list, got a number',
}

const FAMILY =
  /^(?:Antiphon|Terminal|Retryable|Cancelled|Timeout|Unknown|Invalid|NotFound|Busy|Replay|Question|Protocol)Error$/

/** A command to copy ends without a full stop. */
const COMMAND = /: antiphon [^.]*$|--[a-z]+ [A-Z]+$/

/**
 * Messages of errors that are not sentences: a capital or a name at the beginning, and a full stop at the end. A value
 * in its place may be a name at the beginning, and the text of another error at the end.
 */
export function oddErrorTexts(path: string, text: string): string[] {
  if (Object.keys(OTHER_TEXTS).some((folder) => path.startsWith(folder)) || !/Error\b/.test(text)) return []
  const nodes = [...walk(parseAst(text, { lang: 'ts' }, path))]
  const makers = new Map(nodes.flatMap(makerOf))
  const texts = nodes.flatMap((node) => {
    const place = isError(node) ? 0 : makers.get(calleeOf(node) ?? '')
    return place === undefined ? [] : textsOf((node.arguments as readonly unknown[])[place], text, nodes)
  })
  return [...new Set(texts)].filter(isOdd).map((message) => `${path} ${message}`)
}

const isError = (node: Node) => node.type === 'NewExpression' && FAMILY.test(String((node.callee as Node).name))

const calleeOf = ({ type, callee }: Node) => (type === 'CallExpression' ? String((callee as Node).name) : undefined)

/** A function that throws or makes an error with one of its parameters as the message. */
function makerOf(node: Node): readonly (readonly [name: string, place: number])[] {
  const made = node.type === 'FunctionDeclaration' ? node : node.init
  if (!isNode(made) || !/Function/.test(made.type) || !isNode(node.id)) return []
  const names = (made.params as readonly Node[]).map(({ name }) => name)
  const given = [...walk(made.body)].filter(isError).map((error) => (error.arguments as readonly Node[])[0]?.name)
  const place = names.findIndex((name) => name !== undefined && given.includes(name))
  return place < 0 ? [] : [[String(node.id.name), place]]
}

/** The texts that an argument may be, with `$` for each value in them. */
function textsOf(node: unknown, text: string, nodes: readonly Node[]): readonly string[] {
  if (!isNode(node)) return []
  if (node.type === 'Literal') return typeof node.value === 'string' ? [node.value] : []
  if (node.type === 'TemplateLiteral') {
    const parts = node.quasis as readonly { readonly value: { readonly cooked: string } }[]
    return [parts.map(({ value }) => value.cooked).join('$')]
  }
  if (node.type === 'ConditionalExpression')
    return [node.consequent, node.alternate].flatMap((branch) => textsOf(branch, text, nodes))
  if (node.type !== 'Identifier') return []
  const declared = nodes.filter(({ type, id }) => type === 'VariableDeclarator' && (id as Node).name === node.name)
  return declared
    .filter(({ init }) => !isNode(init) || init.type !== 'Identifier')
    .flatMap(({ init }) => textsOf(init, text, nodes))
}

function isOdd(message: string): boolean {
  if (message === '' || message === 'cancelled') return false
  const isNamed = !/^[a-z]+(?:[\s,;'’]|$)/.test(message)
  return !isNamed || !(/[.?!…$]$/.test(message) || COMMAND.test(message))
}
