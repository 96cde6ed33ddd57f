import { formatDollars, MICROS_PER_DOLLAR } from '../../../budget/money.ts'
import type { Budget } from '../../../budget/room/port.ts'
import { SCOPE_FORMS } from '../../../budget/scope.ts'
import { InvalidError } from '../../../errors.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import { parseDollars } from '../../arguments/options.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { type Session, type SessionOptions, withRuntime } from '../../connect/session.ts'
import { formatCount } from '../../terminal/format.ts'

type Options = ConnectionTarget & { readonly json?: boolean }
const SCOPE = SCOPE_FORMS.join(', ')

const listBudgetsCommand = listCommand({
  about: 'List budgets. Each has its limit, what was spent, and how many calls wait for money.',
  options: [limitOption('budgets', 100), ['--json', 'print them as JSON']],
  ask: ({ budgets }, query) => budgets.list(query),
  none: 'There are no budgets here. To make one: antiphon budget set SCOPE AMOUNT',
  head: ['SCOPE', 'LIMIT', 'SPENT', 'RESERVED', 'CALLS', 'WAITING'],
  row: ({ scope, limit, spent, reserved, calls, waiting }) => [
    ...[scope, money(limit), money(spent), money(reserved), String(calls), String(waiting.length)],
  ],
})

const money = (amount: number) => formatDollars(Math.round(amount * MICROS_PER_DOLLAR))

const showBudgetCommand = showCommand({
  about: 'Show a budget. Shows what was spent, and which calls wait for money.',
  args: [['<scope>', SCOPE]],
  options: [['--json', 'print it as JSON']],
  ask: ({ budgets }, scope) => budgets.get(scope),
  print: (budget, terminal) => terminal.lines(linesOf(budget)),
})

/** A single budget as it is, several as a list. */
function tell({ terminal }: Cli, budgets: readonly Budget[], json = false): number {
  if (json) terminal.json(budgets.length === 1 ? budgets[0] : budgets)
  else terminal.lines(budgets.flatMap(linesOf))
  return 0
}

function linesOf({ scope, limit, spent, reserved, calls, repeated, waiting, period }: Budget): readonly string[] {
  const per = period === undefined ? '' : ` ${period.includes('T') ? `in the hour ${period}` : `on ${period}`}`
  return [
    `${scope}: ${money(spent)} of ${money(limit)} spent${per}, ${money(reserved)} reserved, ${formatCount(calls, 'call')}`,
    ...(repeated > 0
      ? [`  ${formatCount(repeated, 'call')} made again after a crash: counted once, perhaps paid twice`]
      : []),
    ...waiting.map(({ by, amount }) => `  ${by} waits: its next call may cost ${money(amount)}`),
  ]
}

const SET_OPTIONS = [
  ['--owner <name>', 'limit this owner, instead of a scope'],
  ['--pipeline <id>', 'limit all runs of this pipeline, instead of a scope'],
  ['--hourly <amount>', 'limit per hour (UTC)', { parse: parseDollars }],
  ['--daily <amount>', 'limit per day (UTC)', { parse: parseDollars }],
  ['--in-all <amount>', 'limit in total', { parse: parseDollars }],
  ['--json', 'print it as JSON'],
] as const satisfies readonly OptionRecord[]
type SetOptions = ConnectionTarget & OptionsOf<typeof SET_OPTIONS>

const setCommand = command({
  name: 'set',
  about: 'Set a limit. It replaces an earlier limit.',
  args: [
    ['[scope]', SCOPE],
    ['[amount]', 'dollars, such as 2.00', { parse: parseDollars }],
  ],
  options: SET_OPTIONS,
  at: 'server',
  examples: [
    'budget set run/run_3xJd0vQ 2.00',
    'budget set --owner ada --daily 10 --in-all 200',
    'budget set --pipeline report --hourly 2',
  ],
  run(cli, scope, amount, options) {
    const { json = false } = options
    const limits = limitsIn(scope, amount, options)
    return change(cli, { json, creates: true, ...targetOf(options) }, limits, ({ client }, each, limit) =>
      client.budgets.set(each, limit),
    )
  },
})

type Limits = readonly (readonly [scope: string, limit: number])[]

function limitsIn(scope: string | undefined, amount: number | undefined, options: SetOptions): Limits {
  const { owner, pipeline } = options
  const own = ownLimits(options)
  const isNamed = owner !== undefined || pipeline !== undefined
  if (isNamed && scope === undefined && own.length > 0) return own
  if (!isNamed && own.length === 0 && scope !== undefined && amount !== undefined) return [[scope, amount]]
  throw new InvalidError(
    'Expected a scope and an amount, or --owner or --pipeline with --hourly, --daily or --in-all.',
    { hint: 'Examples: antiphon budget set run/ID 2.00, antiphon budget set --owner NAME --daily 10' },
  )
}

function ownLimits({ owner = LOCAL_OWNER, pipeline, hourly, daily, inAll }: SetOptions): Limits {
  const [kind, name] = pipeline === undefined ? ['owner', owner] : ['pipeline', `${owner}/${pipeline}`]
  const limits = [
    [`${kind}-hour/${name}`, hourly],
    [`${kind}-day/${name}`, daily],
    [`${kind}/${name}`, inAll],
  ] as const
  return limits.flatMap(([scope, limit]) => (limit === undefined ? [] : [[scope, limit] as const]))
}

const raiseCommand = command({
  name: 'raise',
  about: 'Raise a limit. Work that waits for money continues in its process, or in this one if it has none.',
  args: [
    ['<scope>', SCOPE],
    ['<amount>', 'the new limit in dollars, such as 5.00', { parse: parseDollars }],
  ],
  options: [['--json', 'print it as JSON']],
  at: 'server',
  examples: ['budget raise run/run_3xJd0vQ 5.00'],
  run: (cli, scope, amount, options) =>
    change(cli, options, [[scope, amount]], ({ client }, each, limit) => client.budgets.raise(each, limit)),
})

const removeCommand = command({
  name: 'remove',
  about: 'Remove a limit. Work that waits for money continues.',
  args: [['<scope>', SCOPE]],
  options: [['--json', 'print what was removed as JSON']],
  at: 'server',
  run: (cli, scope, options) =>
    change(cli, options, [[scope, 0]], async ({ client }, each) => {
      const before = await client.budgets.get(each)
      await client.budgets.remove(each)
      return before
    }),
})

/** Work that can now continue runs in this process, unless another process owns the data folder. */
function change(
  cli: Cli,
  { json, ...where }: Options & Pick<SessionOptions, 'creates'>,
  limits: Limits,
  act: (session: Session, scope: string, limit: number) => Promise<Budget>,
): Promise<number> {
  return withRuntime(cli, { command: 'antiphon budget', ...where }, async (session) => {
    const budgets = await Array.fromAsync(limits, ([scope, limit]) => act(session, scope, limit))
    return tell(cli, budgets, json)
  })
}

export const budgetCommand = command({
  name: 'budget',
  about:
    'Limit what models may cost. A budget covers a run, a thread, an owner or a pipeline: in total, per day or per hour (UTC).',
  commands: [listBudgetsCommand, showBudgetCommand, setCommand, raiseCommand, removeCommand],
  examples: ['budget list', 'budget raise run/run_3xJd0vQ 5.00', 'budget set --owner ada --daily 10'],
})
