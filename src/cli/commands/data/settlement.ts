import { InvalidError } from '../../../errors.ts'
import { formatChoir } from '../../../ledger/amount.ts'
import type { LedgerAddress, SettlementReport } from '../../../ledger/room/documents.ts'
import { command, type OptionRecord } from '../../cli.ts'
import { showCommand } from '../../client-command.ts'
import { formatCount, localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const JSON_OPTION = ['--json', 'print it as JSON'] as const satisfies OptionRecord
const WRITES = { serve: false, creates: true } as const

/** Where the citations of an owner are paid, in a line. */
export function addressLine({ owner, address, onChain }: LedgerAddress): string {
  if (address === undefined) return `${owner}: no address, so citations stay in the ledger`
  return `${owner}: ${address}${onChain === undefined ? '' : `, which has ${formatChoir(onChain)} on the chain`}`
}

const printAddress = (answer: LedgerAddress, terminal: Terminal) => terminal.data(addressLine(answer))

const setCommand = showCommand({
  name: 'set',
  about: 'Agree that your citations are paid to an address. A payment is public for good: nobody can erase it.',
  args: [['<address>', 'an address of yours']],
  options: [['--agree', 'you agree to that'], JSON_OPTION],
  opens: WRITES,
  examples: ['ledger address set 0x… --agree'],
  async ask({ ledger }, address, { agree = false }) {
    if (agree) return ledger.setAddress({ address, agreed: true })
    throw new InvalidError('A payment to an address is public for good, also after your data is erased here.', {
      hint: 'If you agree: antiphon ledger address set ADDRESS --agree',
    })
  },
  print: printAddress,
})

/** `ledger address …`: where your citations are paid. */
export const addressCommand = command({
  name: 'address',
  about: 'Show or change where your citations are paid.',
  commands: [
    showCommand({
      name: 'show',
      about: 'Show where your citations are paid.',
      options: [JSON_OPTION],
      ask: ({ ledger }) => ledger.address(),
      print: printAddress,
    }),
    setCommand,
    showCommand({
      name: 'forget',
      about: 'Take your agreement back. Payments that were made stay public.',
      options: [JSON_OPTION],
      opens: WRITES,
      ask: ({ ledger }) => ledger.setAddress({ address: null }),
      print: printAddress,
    }),
  ],
})

function settling(name: string, about: string, signs: boolean) {
  return showCommand({
    name,
    about,
    options: [JSON_OPTION],
    opens: WRITES,
    ask: ({ ledger }) => ledger.settle({ signs }),
    print(answer, terminal) {
      for (const line of settlementLines(answer)) terminal.data(line)
    },
    exitCode: ({ problem }) => (problem === undefined ? 0 : 1),
  })
}

/** `ledger settle`: pays what is due. */
export const settleCommand = settling('settle', 'Pay the citations that are due, for an admin.', true)
/** `ledger reconcile`: asks the chain about the transaction in flight. */
export const reconcileCommand = settling(
  'reconcile',
  'Ask the chain about the transaction in flight. A lost one is sent again. What is due is signed later, by the timer.',
  false,
)

/** How far a settlement is. */
function settlementLines({ paid, units, at, inFlight, problem, isDue, refused }: SettlementReport): readonly string[] {
  const { digest, citations = 0, since = 0 } = inFlight ?? {}
  return [
    `paid ${formatCount(paid, 'citation')}, ${formatChoir(units)}; the ledger is read up to entry ${at}`,
    ...(inFlight ? [`in flight: ${digest}, ${formatCount(citations, 'citation')}, since ${localTime(since)}`] : []),
    ...(refused ? [`refused: ${refused.map(({ n, code }) => `entry ${n} (${code})`).join(', ')}`] : []),
    ...(problem === undefined
      ? isDue
        ? ['more may be due: a process that serves looks and pays, and so does antiphon ledger settle']
        : []
      : [`${problem} ${isDue ? 'It is tried again.' : 'Nothing is tried again by itself.'}`]),
  ]
}
