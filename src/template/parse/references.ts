import { BUILTIN_FUNCTIONS } from '../operations/functions.ts'
import { operationOf } from '../operations/operation.ts'
import type {
  Arguments,
  Attribute,
  Comparison,
  Condition,
  Conditional,
  Expression,
  ForNode,
  FunctionCall,
  IfNode,
  NameNode,
  Slice,
  Subscript,
  Template,
  TemplateNode,
} from '../syntax.ts'
import { ensuredChains, heldChains } from './held.ts'
import { fieldChainOf } from './inspect.ts'

/** A name that a template reads from its scope, with its literal fields. */
export type TemplateReference = {
  readonly name: string
  readonly path: readonly string[]
  readonly line: number
  readonly column: number
  /** the template allows for its absence, by `default` or `is defined` */
  readonly guarded: boolean
  /** only its truth counts: missing, it is false */
  readonly tested?: true
  /** dotted chains that have a value where it is read, by the tests around it */
  readonly held?: readonly string[]
  /** it is called as a function */
  readonly called: boolean
  /** number of arguments of a call */
  readonly arguments?: number
  /** texts that it is compared with: `x == 'a'`, `x in ['a', 'b']` */
  readonly against?: readonly string[]
}

type BoundNames = { readonly names: Set<string>; readonly outer?: BoundNames }

type ReferenceWalk = {
  readonly found: TemplateReference[]
  /** names that the template itself sets; each loop has its own */
  readonly bound: BoundNames
  /** dotted chains that are known to exist */
  readonly sure: readonly string[]
  /** dotted chains that are known to have a value */
  readonly held: readonly string[]
}

/** Maximum chains that are remembered as existing, so that long chains of `elif` stay cheap. */
const MAX_REMEMBERED = 100

/** All references to the scope, in the order of the text. Names that loops and `set` bind are left out. */
export function listReferences(parsed: Template | Condition | Expression): readonly TemplateReference[] {
  return 'test' in parsed && !('type' in parsed) ? referencesIn(parsed.test, 'is false') : referencesIn(parsed, 'fails')
}

function referencesIn(parsed: Template | Expression, absence: Absence): readonly TemplateReference[] {
  const walk: ReferenceWalk = { found: [], bound: { names: new Set() }, sure: [], held: [] }
  if ('type' in parsed) visit(parsed, walk, absence)
  else visitAll(parsed.body, walk)
  return walk.found
}

function visitAll(nodes: readonly TemplateNode[], walk: ReferenceWalk): void {
  for (const node of nodes) visitNode(node, walk)
}

function visitNode(node: TemplateNode, walk: ReferenceWalk): void {
  switch (node.type) {
    case 'text':
      break
    case 'output':
      visit(node.expression, walk)
      break
    case 'if':
      visitIf(node, walk)
      break
    case 'for':
      visitFor(node, walk)
      break
    case 'set':
      visit(node.value, walk)
      bindNames(walk, node.targets)
      break
    case 'set-block':
      visitAll(node.body, walk)
      bindNames(walk, [node.target])
      break
    case 'set-field':
      visit(node.value, walk)
      break
  }
}

function bindNames({ bound }: ReferenceWalk, names: readonly string[]): void {
  for (const name of names) bound.names.add(name)
}

function isBound(name: string, bound: BoundNames): boolean {
  return bound.names.has(name) || (bound.outer !== undefined && isBound(name, bound.outer))
}

/** A name set in one branch may be set after the `if`, so it is not looked up in the scope. */
function visitIf(node: IfNode, walk: ReferenceWalk): void {
  let rest = walk
  for (const { test, body } of node.branches) {
    visit(test, rest, 'is false')
    visitAll(body, making(rest, test, false))
    rest = making(rest, test, true)
  }
  visitAll(node.otherwise, rest)
}

function visitFor(node: ForNode, walk: ReferenceWalk): void {
  visit(node.iterable, walk)
  const inner: ReferenceWalk = { ...walk, bound: { names: new Set(node.targets), outer: walk.bound } }
  if (node.filter) visit(node.filter, inner, 'is false')
  bindNames(inner, ['loop'])
  visitAll(node.body, inner)
  visitAll(node.otherwise, walk)
}

/** How an expression takes a missing value: it fails, takes it as false, or provides for it. */
type Absence = 'fails' | 'is false' | 'is provided for'

function visit(node: Expression, walk: ReferenceWalk, absence: Absence = 'fails'): void {
  switch (node.type) {
    case 'name':
    case 'attribute':
    case 'subscript':
    case 'slice':
      visitChain(node, walk, absence)
      break
    case 'filter':
      visit(node.value, walk, node.name === 'default' || node.name === 'd' ? 'is provided for' : 'fails')
      visitArguments(node.args, walk)
      break
    case 'check':
      visit(node.value, walk, LENIENT_CHECKS.includes(node.name) ? 'is provided for' : 'fails')
      visitArguments(node.args, walk)
      break
    case 'conditional':
      visitConditional(node, walk, absence)
      break
    case 'logic':
      visit(node.left, walk, 'is false')
      visit(node.right, making(walk, node.left, node.operator === 'or'), absence)
      break
    case 'call':
      if (!operationOf(BUILTIN_FUNCTIONS, node.name)) noteCall(node, walk, absence)
      visitArguments(node.args, walk)
      break
    case 'comparison':
      visitComparison(node, walk)
      break
    case 'unary':
      visit(node.operand, walk, node.operator === 'not' ? 'is false' : 'fails')
      break
    case 'answer':
      visit(node.value, walk, absence)
      break
    default:
      for (const child of childrenOf(node)) visit(child, walk)
  }
}

const LENIENT_CHECKS = ['defined', 'undefined', 'skipped']

function visitComparison({ first, links }: Comparison, walk: ReferenceWalk): void {
  const against = links.length === 1 ? textsOf(links[0]!) : undefined
  const read = first.type === 'answer' ? first.value : first
  if (against && isLink(read)) visitChain(read, walk, 'fails', against)
  else visit(read, walk)
  for (const { operand } of links) visit(operand, walk)
}

/** The texts that a value is compared with; undefined when some of them are not literal. */
function textsOf({ relation, operand }: Comparison['links'][number]): readonly string[] | undefined {
  if (relation === '==' || relation === '!=') return plainTexts([operand])
  return (relation === 'in' || relation === 'not in') && operand.type === 'list' ? plainTexts(operand.items) : undefined
}

function plainTexts(nodes: readonly Expression[]): readonly string[] | undefined {
  const texts = nodes.map((node) => (node.type === 'literal' ? node.value : undefined))
  return texts.every((text) => typeof text === 'string') ? texts : undefined
}

function visitConditional(node: Conditional, walk: ReferenceWalk, absence: Absence): void {
  visit(node.test, walk, 'is false')
  visit(node.value, making(walk, node.test, false), absence)
  if (node.otherwise) visit(node.otherwise, making(walk, node.test, true), absence)
}

/** Continues the walk under the assumption that a test was true, or false if `failed`. */
function making(walk: ReferenceWalk, test: Expression, failed: boolean): ReferenceWalk {
  return {
    ...walk,
    sure: [...walk.sure, ...ensuredChains(test, failed)].slice(-MAX_REMEMBERED),
    held: [...walk.held, ...heldChains(test, failed)].slice(-MAX_REMEMBERED),
  }
}

function visitArguments({ positional, named }: Arguments, walk: ReferenceWalk): void {
  for (const argument of positional) visit(argument, walk)
  for (const { value } of named) visit(value, walk)
}

type ChainLink = NameNode | Attribute | Subscript | Slice

/** A chain of fields is one reference. Names in its brackets are separate references. */
function visitChain(node: ChainLink, walk: ReferenceWalk, absence: Absence, against?: readonly string[]): void {
  const links = linksOf(node)
  const { root, path, whole } = fieldChainOf(node) ?? {}
  const sliced = links.some(({ type }) => type === 'slice')
  const held = whole && against ? { against } : {}
  if (root && path) note(root.name, path, root, walk, { absence: sliced ? 'fails' : absence, called: false, ...held })
  else visit(links[0]!, walk)
  for (const part of links.flatMap(partsOf)) visit(part, walk)
}

function isLink(node: Expression): node is ChainLink {
  return node.type === 'name' || node.type === 'attribute' || node.type === 'subscript' || node.type === 'slice'
}

function linksOf(node: Expression): readonly Expression[] {
  if (!isLink(node) || node.type === 'name') return [node]
  return [...linksOf(node.object), node]
}

function partsOf(link: Expression): readonly Expression[] {
  if (link.type === 'subscript') return [link.index]
  return link.type === 'slice' ? [link.start, link.stop, link.step].filter((bound) => bound !== undefined) : []
}

function noteCall(node: FunctionCall, walk: ReferenceWalk, absence: Absence): void {
  const given = node.args.positional.length + node.args.named.length
  note(node.name, [], node, walk, { absence, called: true, arguments: given })
}

function note(
  name: string,
  path: readonly string[],
  { at }: Expression,
  walk: ReferenceWalk,
  { absence, ...more }: Pick<TemplateReference, 'called' | 'arguments' | 'against'> & { readonly absence: Absence },
): void {
  if (isBound(name, walk.bound)) return
  const chain = [name, ...path].join('.')
  const known = walk.sure.some((sure) => sure === chain || sure.startsWith(`${chain}.`) || chain.startsWith(`${sure}.`))
  walk.found.push({
    name,
    path,
    line: at.line,
    column: at.column,
    guarded: absence === 'is provided for' || known,
    ...(absence === 'is false' && { tested: true }),
    ...(walk.held.length > 0 && { held: walk.held }),
    ...more,
  })
}

function childrenOf(node: Expression): readonly Expression[] {
  switch (node.type) {
    case 'list':
      return node.items
    case 'map':
      return node.entries.flat()
    case 'join':
      return node.parts
    case 'binary':
      return [node.left, node.right]
    case 'method':
      return [node.object, ...node.args.positional, ...node.args.named.map(({ value }) => value)]
    default:
      return []
  }
}
