import { checkLength, type Frame, fail, type Machine, NAMESPACES, namesIn, spend } from '../machine/machine.ts'
import { isMissing, SPENT, use } from '../machine/missing.ts'
import { type LoopState, loopAt, loopStateOf } from '../operations/loop.ts'
import { isQuoted } from '../parse/inspect.ts'
import type { For, If, Node, Output, SetBlock, SetField, SetValue } from '../syntax.ts'
import { type CommandLine, commandLine } from '../text/command-line.ts'
import { kindOf, listOf, textOf } from '../values/values.ts'
import { evaluate, holds, used } from './expressions.ts'

/** Text being written; with `command` it is a command line, and its values are quoted. */
type Page = { readonly pieces: string[]; length: number; readonly command?: CommandLine }

/** The text that the nodes write. */
export function write(nodes: readonly Node[], machine: Machine): string {
  const page: Page = { pieces: [], length: 0 }
  runAll(nodes, machine, page)
  return page.pieces.join('')
}

/** The command line that the nodes write: each value is quoted where it stands, so that it is a part of one argument. */
export function writeCommand(nodes: readonly Node[], machine: Machine): string {
  const page: Page = { pieces: [], length: 0, command: commandLine() }
  runAll(nodes, machine, page)
  return page.pieces.join('')
}

function runAll(nodes: readonly Node[], machine: Machine, page: Page): void {
  for (const node of nodes) run(node, machine, page)
}

function run(node: Node, machine: Machine, page: Page): void {
  machine.at = node.at
  spend(machine, 1)
  switch (node.type) {
    case 'text':
      page.command?.text(node.text)
      put(node.text, machine, page)
      break
    case 'output':
      put(outputOf(node, machine, page), machine, page)
      break
    case 'if':
      runAll(chosen(node, machine), machine, page)
      break
    case 'for':
      runFor(node, machine, page)
      break
    case 'set':
      setValue(node, machine)
      break
    case 'set-block':
      setBlock(node, machine)
      break
    case 'set-field':
      setField(node, machine)
      break
  }
}

function outputOf({ expression }: Output, machine: Machine, { command }: Page): string {
  const text = textOf(used(expression, machine), machine)
  if (!command) return text
  const value = command.value(text, isQuoted(expression))
  return 'written' in value ? value.written : fail(machine, value.message, value.hint)
}

function put(text: string, machine: Machine, page: Page): void {
  page.pieces.push(text)
  page.length += text.length
  checkLength(machine, page.length)
  spend(machine, text.length / 64)
}

function chosen(node: If, machine: Machine): readonly Node[] {
  return node.branches.find(({ test }) => holds(test, machine))?.body ?? node.otherwise
}

function runFor(node: For, machine: Machine, page: Page): void {
  const iterable = used(node.iterable, machine)
  machine.at = node.at
  const items = iterable === SPENT ? [] : listOf(iterable, machine)
  const outer = machine.frame
  const kept = node.filter
    ? items.filter((item) => inFrame(node, item, machine, () => holds(node.filter!, machine)))
    : items
  const state: LoopState = { items: kept, depth: loopsAround(outer) + 1 }
  kept.forEach((item, index) => {
    inFrame(node, item, machine, () => {
      namesIn(machine).set('loop', loopAt(state, index))
      runAll(node.body, machine, page)
    })
  })
  machine.frame = outer
  if (kept.length === 0) runAll(node.otherwise, machine, page)
}

function loopsAround(frame: Frame | undefined): number {
  for (let at = frame; at; at = at.parent) {
    const state = loopStateOf(at.names.get('loop'))
    if (state) return state.depth
  }
  return 0
}

/** Runs one turn of a loop with names of its own. */
function inFrame<T>(node: For, item: unknown, machine: Machine, turn: () => T): T {
  const outer = machine.frame
  machine.frame = { names: new Map(), parent: outer }
  machine.at = node.at
  assign(node.targets, item, machine)
  const result = turn()
  machine.frame = outer
  return result
}

function assign(targets: readonly string[], value: unknown, machine: Machine): void {
  const names = namesIn(machine)
  const parts = targets.length === 1 ? [value] : takeApart(targets, value, machine)
  for (const [index, target] of targets.entries()) names.set(target, parts[index])
}

function takeApart(targets: readonly string[], value: unknown, machine: Machine): readonly unknown[] {
  if (value === SPENT) return targets.map(() => SPENT)
  if (Array.isArray(value) && value.length === targets.length) return value
  const hint = 'a map is taken apart by .items()'
  return fail(machine, `${kindOf(value)} cannot be taken apart into ${targets.join(', ')}`, hint)
}

/** What is missing may be set to a name; it fails where that name is used. */
function setValue(node: SetValue, machine: Machine): void {
  const value = evaluate(node.value, machine)
  machine.at = node.at
  assign(node.targets, node.targets.length > 1 ? use(value, machine) : value, machine)
}

function setBlock(node: SetBlock, machine: Machine): void {
  namesIn(machine).set(node.target, write(node.body, machine))
}

function setField(node: SetField, machine: Machine): void {
  const value = used(node.value, machine)
  machine.at = node.at
  const object = used({ type: 'name', name: node.object, at: node.at }, machine)
  if (object === SPENT || isMissing(object)) return
  if (typeof object !== 'object' || object === null || !NAMESPACES.has(object)) {
    fail(machine, `'${node.object}' is no namespace`, `make it one: {% set ${node.object} = namespace() %}`)
  }
  Object.defineProperty(object, node.field, { value, enumerable: true, writable: true, configurable: true })
}
