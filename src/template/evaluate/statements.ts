import type { NameFrame, RenderMachine } from '../machine/machine.ts'
import { checkLength, currentNames, failAtNode, NAMESPACES, spendSteps } from '../machine/machine.ts'
import { isMissing, REPORTED_MISSING, useValue } from '../machine/missing.ts'
import { type ForLoopState, loopStateOf, loopVariable } from '../operations/loop.ts'
import { isQuoted } from '../parse/inspect.ts'
import type { ForNode, IfNode, OutputNode, SetBlock, SetField, SetValue, TemplateNode } from '../syntax.ts'
import { type CommandLine, createCommandLine } from '../text/command-line.ts'
import { describeKind, printValue, toList } from '../values/values.ts'
import { evaluate, isTrue, requireValue } from './expressions.ts'

/** Text being written; with `command` it is a command line, and its values are quoted. */
type TextWriter = { readonly pieces: string[]; length: number; readonly command?: CommandLine }

export function writeNodes(nodes: readonly TemplateNode[], machine: RenderMachine): string {
  const page: TextWriter = { pieces: [], length: 0 }
  runAll(nodes, machine, page)
  return page.pieces.join('')
}

/** Renders a command line. Each value is quoted for its place, so that it stays part of one argument. */
export function writeCommand(nodes: readonly TemplateNode[], machine: RenderMachine): string {
  const page: TextWriter = { pieces: [], length: 0, command: createCommandLine() }
  runAll(nodes, machine, page)
  return page.pieces.join('')
}

function runAll(nodes: readonly TemplateNode[], machine: RenderMachine, page: TextWriter): void {
  for (const node of nodes) run(node, machine, page)
}

function run(node: TemplateNode, machine: RenderMachine, page: TextWriter): void {
  machine.at = node.at
  spendSteps(machine, 1)
  switch (node.type) {
    case 'text':
      page.command?.text(node.text, node.at)
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

function outputOf({ expression }: OutputNode, machine: RenderMachine, { command }: TextWriter): string {
  const text = printValue(requireValue(expression, machine), machine)
  if (!command) return text
  const value = command.value(text, isQuoted(expression))
  return 'written' in value ? value.written : failAtNode(machine, value.message, value.hint)
}

function put(text: string, machine: RenderMachine, page: TextWriter): void {
  page.pieces.push(text)
  page.length += text.length
  checkLength(machine, page.length)
  spendSteps(machine, text.length / 64)
}

function chosen(node: IfNode, machine: RenderMachine): readonly TemplateNode[] {
  return node.branches.find(({ test }) => isTrue(test, machine))?.body ?? node.otherwise
}

function runFor(node: ForNode, machine: RenderMachine, page: TextWriter): void {
  const iterable = requireValue(node.iterable, machine)
  machine.at = node.at
  machine.operation = 'for'
  const items = iterable === REPORTED_MISSING ? [] : toList(iterable, machine)
  machine.operation = undefined
  const outer = machine.frame
  const chosen = node.filter
    ? items.filter((item) => inFrame(node, item, machine, () => isTrue(node.filter!, machine)))
    : items
  const state: ForLoopState = { items: chosen, depth: loopsAround(outer) + 1 }
  chosen.forEach((item, index) => {
    inFrame(node, item, machine, () => {
      currentNames(machine).set('loop', loopVariable(state, index))
      runAll(node.body, machine, page)
    })
  })
  machine.frame = outer
  if (chosen.length === 0) runAll(node.otherwise, machine, page)
}

function loopsAround(frame: NameFrame | undefined): number {
  for (let at = frame; at; at = at.parent) {
    const state = loopStateOf(at.names.get('loop'))
    if (state) return state.depth
  }
  return 0
}

/** Runs one iteration in a scope of its own. */
function inFrame<T>(node: ForNode, item: unknown, machine: RenderMachine, turn: () => T): T {
  const outer = machine.frame
  machine.frame = { names: new Map(), parent: outer }
  machine.at = node.at
  assign(node.targets, item, machine)
  const result = turn()
  machine.frame = outer
  return result
}

function assign(targets: readonly string[], value: unknown, machine: RenderMachine): void {
  const names = currentNames(machine)
  const parts = targets.length === 1 ? [value] : takeApart(targets, value, machine)
  for (const [index, target] of targets.entries()) names.set(target, parts[index])
}

function takeApart(targets: readonly string[], value: unknown, machine: RenderMachine): readonly unknown[] {
  if (value === REPORTED_MISSING) return targets.map(() => REPORTED_MISSING)
  if (Array.isArray(value) && value.length === targets.length) return value
  const hint = 'A map is taken apart by `.items()`.'
  return failAtNode(machine, `${describeKind(value)} cannot be unpacked into ${targets.join(', ')}`, hint)
}

/** A missing value may be assigned; it fails when the name is used. */
function setValue(node: SetValue, machine: RenderMachine): void {
  const value = evaluate(node.value, machine)
  machine.at = node.at
  assign(node.targets, node.targets.length > 1 ? useValue(value, machine) : value, machine)
}

function setBlock(node: SetBlock, machine: RenderMachine): void {
  currentNames(machine).set(node.target, writeNodes(node.body, machine))
}

function setField(node: SetField, machine: RenderMachine): void {
  const value = requireValue(node.value, machine)
  machine.at = node.at
  const object = requireValue({ type: 'name', name: node.object, at: node.at }, machine)
  if (object === REPORTED_MISSING || isMissing(object)) return
  if (typeof object !== 'object' || object === null || !NAMESPACES.has(object)) {
    failAtNode(
      machine,
      `\`${node.object}\` is not a namespace`,
      `create it first: {% set ${node.object} = namespace() %}`,
    )
  }
  Object.defineProperty(object, node.field, { value, enumerable: true, writable: true, configurable: true })
}
