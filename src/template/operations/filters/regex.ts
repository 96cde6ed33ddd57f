import type { RenderMachine } from '../../machine/machine.ts'
import { checkLength, createTextCounter, failAtNode, spendItems, spendSteps, spendText } from '../../machine/machine.ts'
import { compilePattern, type RegexProgram } from '../../regex/compile.ts'
import { findMatch, type MatchOffsets } from '../../regex/match.ts'
import { printValue } from '../../values/values.ts'
import type { BoundArguments, TemplateOperation, TemplateOperations } from '../operation.ts'
import { countArgument, flagArgument, textArgument, wholeArgument } from '../operation.ts'
import { textOperation } from './text.ts'

/**
 * Filters with regular expressions. For any pattern the time is proportional to the text, within the limits of the
 * rendering. A pattern has at most 500 characters and neither look-around nor back-references.
 */
export const REGEX_FILTERS: TemplateOperations = {
  regex_search: onPattern(
    'pattern group? ignorecase?',
    'The first match, or one of its groups by number or name; none without a match.',
    search,
  ),
  regex_findall: onPattern(
    'pattern ignorecase?',
    'All matches; if the pattern has one group, the group of each.',
    findAll,
  ),
  regex_replace: onPattern(
    'pattern replacement? ignorecase? count?',
    "All parts that match replaced, or so many; '\\1' and '\\g<name>' stand for groups.",
    replace,
  ),
}

/** A filter that validates a literal pattern before rendering. */
function onPattern(...[parameters, does, apply]: Parameters<typeof textOperation>): TemplateOperation {
  const check = (args: BoundArguments, machine: RenderMachine) => {
    if (typeof args.pattern === 'string') programOf(args, machine)
  }
  return { ...textOperation(parameters, does, apply), check }
}

/** The first match, or one group of it, or none. */
function search(text: string, args: BoundArguments, machine: RenderMachine): string | null {
  const program = programOf(args, machine)
  const match = findMatch(program, text, 0, machine)
  const named = program.names.get(printValue(args.group, machine))
  const group =
    named ?? wholeArgument({ group: printValue(args.group ?? 0, machine).replace(/^\\/, '') }, 'group', 0, machine)
  checkGroup(group, program, machine)
  return match ? (groupIn(text, match, group) ?? null) : null
}

function findAll(text: string, args: BoundArguments, machine: RenderMachine): readonly (string | readonly string[])[] {
  const program = programOf(args, machine)
  const most = machine.limits.items + 1
  const found = Array.from(matchesIn(program, text, most, machine), (match) => {
    const groups = Array.from({ length: program.groups }, (_group, index) => groupIn(text, match, index + 1) ?? '')
    return groups.length > 1 ? groups : (groups[0] ?? groupIn(text, match, 0)!)
  })
  spendItems(machine, found.length)
  return found
}

function replace(text: string, args: BoundArguments, machine: RenderMachine): string {
  const program = programOf(args, machine)
  const by = textArgument(args, 'replacement', '', machine)
  checkReplacement(by, program, machine)
  const most = countArgument(args, 'count', 0, 0, machine) || Number.POSITIVE_INFINITY
  const count = createTextCounter(machine)
  const pieces: string[] = []
  let from = 0
  let length = 0
  for (const match of matchesIn(program, text, most, machine)) {
    spendSteps(machine, by.length / 16)
    const piece = text.slice(from, match[0]) + expand(by, program, text, match, count)
    pieces.push(piece)
    from = match[1]!
    length += piece.length
    checkLength(machine, length)
  }
  spendText(machine, length)
  return pieces.join('') + text.slice(from)
}

/** All matches, one after the other. An empty match advances by one character. */
function* matchesIn(
  program: RegexProgram,
  text: string,
  most: number,
  machine: RenderMachine,
): Generator<MatchOffsets> {
  let from = 0
  for (let count = 0; count < most && from <= text.length; count++) {
    const match = findMatch(program, text, from, machine)
    if (!match) return
    yield match
    spendSteps(machine, 1)
    from = match[1]! > match[0]! ? match[1]! : match[1]! + (text.codePointAt(match[1]!)! > 0xffff ? 2 : 1)
  }
}

function programOf(args: BoundArguments, machine: RenderMachine): RegexProgram {
  const pattern = textArgument(args, 'pattern', '', machine)
  return compilePattern(flagArgument(args, 'ignorecase') ? `(?i)${pattern}` : pattern, machine)
}

function groupIn(text: string, match: MatchOffsets, group: number): string | undefined {
  const [start, end] = [match[group * 2], match[group * 2 + 1]]
  return start === undefined || end === undefined ? undefined : text.slice(start, end)
}

function checkGroup(group: number, { groups }: RegexProgram, machine: RenderMachine): void {
  if (group < 0 || group > groups) failAtNode(machine, `there is no group ${group}: the pattern has ${groups}`)
}

function checkReplacement(replacement: string, program: RegexProgram, machine: RenderMachine): void {
  for (const [, number, name] of replacement.matchAll(GROUP)) {
    if (number !== undefined) checkGroup(Number(number), program, machine)
    else if (name !== undefined && !program.names.has(name) && !/^\d+$/.test(name))
      failAtNode(machine, `there is no group '${name}' in the pattern`)
    else if (name !== undefined && !program.names.has(name)) checkGroup(Number(name), program, machine)
  }
}

const GROUP = /\\(?:(\d{1,2})|g<(\w{1,40})>|([ntr\\]))/g
const LETTERS: { readonly [letter: string]: string } = { n: '\n', t: '\t', r: '\r', '\\': '\\' }

/** Replaces `\1` and `\g<name>` with the matched groups. */
function expand(
  replacement: string,
  program: RegexProgram,
  text: string,
  match: MatchOffsets,
  count: (part: string) => string,
): string {
  return replacement.replace(GROUP, (_whole, number, name, letter) => {
    if (letter !== undefined) return LETTERS[letter]!
    const group = Number(number ?? program.names.get(name) ?? name)
    return count(groupIn(text, match, group) ?? '')
  })
}
