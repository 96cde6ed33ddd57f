import { EXEMPT } from './regex-reasons.ts'
import { codeFolders, readPaths, readText } from './source.ts'
import { isNode, type Node, nodesOf } from './syntax.ts'

/** A regular expression of a file. `flags` as they are written. */
export type Expression = { readonly place: string; readonly source: string; readonly flags: string }

/** The regular expressions of `src` and of the packages. */
export const readExpressions = (): readonly Expression[] =>
  codeFolders()
    .flatMap((folder) => readPaths(folder))
    .flatMap(({ path }) => expressionsIn(path, readText(path)))

/** Those that need to be linear: one of each text, and the places where it stands. */
export function toJudge(all: readonly Expression[]): readonly Expression[] {
  const isExempt = (one: Expression) => EXEMPT.some(([file, source]) => file === fileOf(one) && source === one.source)
  const alike = Map.groupBy(
    all.filter((one) => !isExempt(one)),
    ({ source, flags }) => `/${source}/${flags}`,
  )
  return [...alike.values()].map((list) => ({ ...list[0]!, place: list.map(({ place }) => place).join(', ') }))
}

/** The file of an expression, from `src`. */
export const fileOf = ({ place }: Expression) => place.replace(/:\d+$/, '').replace(/^src\//, '')

/** The regular expressions of a file: literals, and `new RegExp` of a text that is known from the file alone. */
function expressionsIn(path: string, text: string): readonly Expression[] {
  const nodes = nodesOf(path, text)
  const constants = new Map(nodes.flatMap(constantOf))
  return nodes.flatMap((node) => {
    const placeOf = () => `${path}:${text.slice(0, Number(node.start)).split('\n').length}`
    const { regex } = node as { readonly regex?: { readonly pattern: string; readonly flags: string } }
    if (regex) return [{ place: placeOf(), source: regex.pattern, flags: regex.flags }]
    if (node.type !== 'NewExpression' || (node.callee as Node).name !== 'RegExp') return []
    const [source, flags = ''] = (node.arguments as readonly Node[]).map((argument) => textOf(argument, constants))
    return source === undefined ? [] : [{ place: placeOf(), source, flags }]
  })
}

type Constants = ReadonlyMap<string, Node>

function constantOf({ type, id, init }: Node): readonly (readonly [string, Node])[] {
  return type === 'VariableDeclarator' && isNode(id) && isNode(init) ? [[String(id.name), init]] : []
}

/** The text of an expression that only constants of its file make. */
function textOf(node: Node, constants: Constants): string | undefined {
  const one = (inner: unknown) => textOf(inner as Node, constants)
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? node.value : undefined
    case 'Identifier': {
      const found = constants.get(String(node.name))
      return found && one(found)
    }
    case 'TemplateLiteral':
      return pieced(node, 'cooked', one)
    case 'TaggedTemplateExpression':
      return pieced(node.quasi as Node, 'raw', one)
    case 'MemberExpression': {
      const { regex } = (constants.get(String((node.object as Node).name)) ?? node.object) as {
        regex?: { pattern: string }
      }
      return (node.property as Node).name === 'source' ? regex?.pattern : undefined
    }
    case 'CallExpression':
      return joined(node, constants)
    default:
      return undefined
  }
}

function pieced({ quasis, expressions }: Node, form: 'cooked' | 'raw', one: (node: unknown) => string | undefined) {
  const values = (expressions as readonly Node[]).map(one)
  if (values.includes(undefined)) return undefined
  return (quasis as readonly { readonly value: { cooked: string; raw: string } }[])
    .map(({ value }, at) => value[form] + (values[at] ?? ''))
    .join('')
}

/** `[a, b].join('|')`, and `NAMES.join('|')`. */
function joined({ callee, arguments: list_ }: Node, constants: Constants): string | undefined {
  const { object, property } = callee as { readonly object?: Node; readonly property?: Node }
  if (property?.name !== 'join' || !object) return undefined
  const list = object.type === 'Identifier' ? constants.get(String(object.name)) : object
  if (list?.type !== 'ArrayExpression') return undefined
  const items = (list.elements as readonly Node[]).map((item) => textOf(item, constants))
  return items.includes(undefined) ? undefined : items.join(textOf((list_ as readonly Node[])[0]!, constants))
}
