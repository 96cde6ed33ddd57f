import type { AskRewardsDocument } from '../../../commons/room/documents.ts'
import { InvalidError } from '../../../errors.ts'
import { formatChoir } from '../../../ledger/amount.ts'
import type { LedgerEntry } from '../../../ledger/entry.ts'
import { type LedgerCheck, verifyExport } from '../../../ledger/verify.ts'
import { fileBytes } from '../../../lib/encoding/plain-file.ts'
import { present } from '../../../lib/json/present.ts'
import { exportPath, writeExport } from '../../arguments/export-file.ts'
import { existingFile } from '../../arguments/options.ts'
import { command, type OptionRecord, targetOf } from '../../cli.ts'
import { limitOption, showCommand } from '../../client-command.ts'
import { withReader, withRuntime } from '../../connect/session.ts'
import { showList } from '../../render/print.ts'
import { formatCount, localTime } from '../../terminal/format.ts'
import { addressCommand, addressLine, reconcileCommand, settleCommand } from './settlement.ts'

const COMMAND = 'antiphon ledger'
const JSON_OPTION = ['--json', 'print it as JSON'] as const satisfies OptionRecord

const balanceCommand = showCommand({
  name: 'balance',
  about: 'Show the balance of an owner.',
  args: [['[owner]', 'for an admin; absent: yourself']],
  options: [['--sui', 'what your own address has on Sui'], JSON_OPTION],
  async ask({ ledger }, owner, { sui = false }) {
    if (!sui) return ledger.balance(present({ owner }))
    if (owner === undefined) return ledger.address({ chain: true })
    throw new InvalidError('With --sui, antiphon shows your own address only. Expected no owner.')
  },
  print(answer, terminal) {
    if ('treasury' in answer) return terminal.data(addressLine(answer))
    const { owner, balance, entries, account = 'none yet' } = answer
    terminal.data(`${owner}: ${formatChoir(balance)}, from ${formatCount(entries, 'reward')}; account ${account}`)
  },
})

const historyCommand = command({
  name: 'history',
  about: 'List entries, the newest first. You see your own; an admin sees all.',
  options: [
    ['--owner <name>', 'only entries of this owner, for an admin'],
    limitOption('entries', 100),
    ['--after <number>', 'only entries before this number'],
    JSON_OPTION,
  ],
  at: 'server',
  run: (cli, { json = false, limit, owner, after, ...options }) =>
    withReader(cli, { command: COMMAND, ...targetOf(options) }, async ({ client }) => {
      const entries = await client.ledger.history(present({ limit, owner, after }))
      const print = () => cli.terminal.table(['N', 'AT', 'ACCOUNT', 'AMOUNT', 'OPERATION'], entries.map(rowOf))
      return showList(cli.terminal, entries, { json, limit, none: 'There are no entries here.', print })
    }),
})

const rowOf = ({ n, at, account, amount, op }: LedgerEntry): readonly string[] => [
  ...[String(n), localTime(at), account, formatChoir(amount), op],
]

const receiptCommand = showCommand({
  name: 'receipt',
  about: 'Show the receipt of an operation. It names the entry and its hash.',
  args: [['<op>', 'novelty:ASK:ACCOUNT or citation:ASK:RECORD']],
  options: [JSON_OPTION],
  ask: ({ ledger }, op) => ledger.receipt(op),
  print: ({ n, hash }, terminal) => terminal.data(`entry ${n}, hash ${hash}`),
})

const shareCommand = command({
  name: 'share',
  about: 'Agree to share your questions, or take that back. Without a word, it shows the state.',
  args: [['[state]', 'on or off', { choices: ['on', 'off'] }]],
  options: [JSON_OPTION],
  at: 'server',
  run(cli, state, { json = false, ...options }) {
    const place = { ...targetOf(options), serve: false, creates: state !== undefined }
    return withRuntime(cli, { command: COMMAND, ...place }, async ({ client: { priors } }) => {
      const sharing = state === undefined ? await priors.sharing() : await priors.setSharing(state === 'on')
      const { owner, at } = sharing
      if (json) cli.terminal.json(sharing)
      else if (at !== undefined) cli.terminal.data(`on since ${localTime(at)}: questions of ${owner} are shared`)
      else cli.terminal.data(`off: a question of ${owner} is shared only if it says --share`)
      return 0
    })
  },
})

const rewardsCommand = showCommand({
  name: 'rewards',
  about: 'Show what an ask got for its prompt and for citations.',
  args: [['<ask>', 'an ask that used --share or --priors']],
  options: [JSON_OPTION],
  ask: ({ priors }, ask) => priors.rewards(ask),
  print(rewards, terminal) {
    for (const line of linesOfRewards(rewards)) terminal.data(line)
  },
})

function linesOfRewards({ shared, agreed, prior, novelty, citations }: AskRewardsDocument): readonly string[] {
  const { status, maxSimilarity, by, reason, isOpen } = shared ?? {}
  const found = maxSimilarity === undefined ? reason : `similarity ${maxSimilarity.toFixed(3)} by ${by}`
  const what = [status, isOpen && 'compared later', agreed && 'as its owner has agreed', found, prior].filter(Boolean)
  return [
    ...(status ? [`prompt: ${what.join(', ')}; ${formatChoir(novelty)}`] : []),
    ...citations.map(({ record, status, amount }) => `citation of ${record}: ${status}, ${formatChoir(amount)}`),
  ]
}

const exportCommand = command({
  name: 'export',
  about: 'Write all entries as lines of JSON. They name accounts and asks, but no owner.',
  args: [['[file]', 'the new file; - or nothing: standard output']],
  options: [
    ['--force', 'replace an existing file'],
    ['--json', 'print how many entries were written as JSON'],
  ],
  at: 'server',
  examples: ['ledger export ledger.ndjson'],
  run(cli, given = '-', { force = false, json = false, ...options }) {
    const { terminal } = cli
    const path = exportPath(terminal, given, { force, example: 'ledger export ledger.ndjson' })
    return withReader(cli, { command: COMMAND, ...targetOf(options) }, async ({ client }) => {
      const entries = await writeExport(terminal, client.ledger.export(), path)
      if (entries === undefined) return 0
      if (json) terminal.json({ file: path, entries })
      else terminal.say(`Exported ${formatCount(entries, 'entry')} to ${given}.`)
      return 0
    })
  },
})

const verifyCommand = command({
  name: 'verify',
  about: 'Check an export, and name the first damaged entry. Needs no data folder. Exit code 1 if it is damaged.',
  args: [['<file>', 'an export']],
  options: [JSON_OPTION],
  examples: ['ledger verify ledger.ndjson'],
  async run({ terminal }, given, { json = false }) {
    const check = await verifyExport(fileBytes(existingFile(given, terminal.folder)))
    if (json) terminal.json(check)
    else for (const line of linesOf(given, check)) terminal.data(line)
    return check.ok ? 0 : 1
  },
})

function linesOf(file: string, { entries, minted, hash, damage }: LedgerCheck): readonly string[] {
  const sound = `${formatCount(entries, 'entry')}, ${formatChoir(minted)}; the last hash is ${hash}`
  if (!damage) return [`${file} is sound: ${sound}`]
  const { line, n, why } = damage
  const where = n === 0 ? `line ${line}` : `entry ${n} (line ${line})`
  return [`${file} is damaged at ${where}: ${why}`, `Sound before it: ${sound}`]
}

export const ledgerCommand = command({
  name: 'ledger',
  about: 'Show what owners were paid. The ledger is off until antiphon.yaml says `ledger: local`.',
  commands: [
    balanceCommand,
    historyCommand,
    receiptCommand,
    shareCommand,
    addressCommand,
    settleCommand,
    reconcileCommand,
    rewardsCommand,
    exportCommand,
    verifyCommand,
  ],
  examples: ['ledger balance ada', 'ledger history --limit 20', 'ledger verify ledger.ndjson'],
})
