import { type SuiClientTypes, TransactionError } from '@mysten/sui/client'
import type { Signer } from '@mysten/sui/cryptography'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { fromBase64, normalizeStructTag, toBase64 } from '@mysten/sui/utils'
import { verifyTransactionSignature } from '@mysten/sui/verify'
import type { Landing, LedgerSettlement, Payment, SettlementTerms, SignedTransaction, Signing } from 'antiphon/extend'
import { TerminalError } from 'antiphon/extend'
import { readAddress, readKey, readSettings, type SuiSettings } from './settings.ts'
import { boundsOf, digestOf, type Facts, landingOf, paymentsIn, refusalOf, transactionBytes } from './transaction.ts'

/** ms that a node has for an answer. */
const PATIENCE_MS = 30_000

/** Opens the settlement of a treasury on Sui. No node is asked before something is paid. */
export function openSui({ settings, key }: SettlementTerms): LedgerSettlement {
  const sui = readSettings(settings)
  const client = new SuiGrpcClient({ network: sui.chain, baseUrl: sui.url })
  return {
    place: `${sui.chain} ${sui.package}`,
    readAddress,
    sign: async (payments) => sign(client, sui, readKey(await key()), payments),
    statusOf: (transaction) => statusOf(client, sui, transaction),
    submit: (transaction) => submit(client, sui, transaction),
    async balanceOf(address) {
      await epochOf(client, sui)
      const coinType = `${sui.package}::choir::CHOIR`
      return (await client.getBalance({ owner: address, coinType, signal: soon() })).balance.balance
    },
  }
}

const soon = () => AbortSignal.timeout(PATIENCE_MS)

/** The epoch of the chain, and a check that the node is of that chain. */
async function epochOf(client: SuiGrpcClient, { chain, url }: SuiSettings): Promise<bigint> {
  const { response } = await client.ledgerService.getServiceInfo({}, { abort: soon() })
  if (response.chainId === chain && response.epoch !== undefined) return response.epoch
  throw new TerminalError(`The node at ${new URL(url).origin} is of the chain ${response.chainId}, not of ${chain}.`, {
    code: 'other_chain',
  })
}

async function sign(
  client: SuiGrpcClient,
  sui: SuiSettings,
  signer: Signer,
  payments: readonly Payment[],
): Promise<Signing> {
  const bytes = await transactionBytes(sui, payments, await askFacts(client, sui, signer.toSuiAddress()))
  const tried = await client.simulateTransaction({ transaction: bytes, signal: soon() })
  if (tried.$kind === 'FailedTransaction') {
    const { error } = tried.FailedTransaction.status
    const refused = error ? refusalOf(error, sui.package, payments.length) : undefined
    if (refused) return { status: 'refused', ...refused }
    throw new TerminalError(`The chain would refuse the transaction: ${error?.message ?? 'it gives no reason'}`)
  }
  const { signature } = await signer.signTransaction(bytes)
  await verifyTransactionSignature(bytes, signature, { address: signer.toSuiAddress() })
  return { status: 'signed', transaction: { bytes: toBase64(bytes), signature, digest: digestOf(bytes) } }
}

async function askFacts(client: SuiGrpcClient, sui: SuiSettings, sender: string): Promise<Facts> {
  const epoch = await epochOf(client, sui)
  const [{ object }, gas, { referenceGasPrice: gasPrice }] = await Promise.all([
    client.getObject({ objectId: sui.treasury, signal: soon() }),
    gasOf(client, sui, sender),
    client.core.getReferenceGasPrice({ signal: soon() }),
  ])
  const type = normalizeStructTag(`${sui.package}::choir::TreasuryCapability`)
  if (object.objectId !== sui.treasury || object.type !== type)
    throw new TerminalError(`Expected ${sui.treasury} to be a ${type}, and it is a ${object.type}.`)
  if (object.owner.AddressOwner !== sender)
    throw new TerminalError(`The treasury does not belong to ${sender}, which the key signs for.`)
  return { sender, treasury: object, gas, gasPrice, epoch }
}

/** Pages of coins that are read. */
const MAX_PAGES = 50

/** A coin that pays the budget. A wallet may have many small ones before it. */
async function gasOf(client: SuiGrpcClient, { budget }: SuiSettings, owner: string): Promise<Facts['gas']> {
  let cursor: string | null = null
  for (let pages = 0; pages === 0 || (cursor !== null && pages < MAX_PAGES); pages++) {
    const page: SuiClientTypes.ListCoinsResponse = await client.listCoins({ owner, cursor, signal: soon() })
    const gas = page.objects.find(({ balance }) => BigInt(balance) >= budget)
    if (gas) return gas
    cursor = page.hasNextPage ? page.cursor : null
  }
  throw new TerminalError(
    `${owner} has no coin of ${budget} MIST, the budget of a transaction, among the first ${MAX_PAGES} pages.`,
  )
}

async function statusOf(client: SuiGrpcClient, sui: SuiSettings, transaction: SignedTransaction): Promise<Landing> {
  const { bytes } = transaction
  const epoch = await epochOf(client, sui)
  const found = await lookUp(client, sui, transaction)
  if (found) return found
  const { objects, lastEpoch } = boundsOf(bytes)
  const isLate = epoch > lastEpoch
  const { objects: now } = await client.getObjects({
    objectIds: objects.map(({ objectId }) => objectId),
    signal: soon(),
  })
  const isStale = objects.some(({ version }, at) => {
    const object = now[at]!
    return !(object instanceof Error) && BigInt(object.version) > BigInt(version)
  })
  if (!isLate && !isStale) return { status: 'unknown', why: 'The chain does not know the transaction.' }
  // it may have landed between the two questions, and be the reason itself
  const landed = await lookUp(client, sui, transaction)
  const why = isLate ? 'its epoch is over' : 'an object that it uses has a newer version'
  return landed ?? { status: 'void', why: `The transaction can no longer land: ${why}.` }
}

/** The fate of a transaction as the chain tells it; undefined: the chain does not know it. */
async function lookUp(
  client: SuiGrpcClient,
  sui: SuiSettings,
  { digest, bytes }: SignedTransaction,
): Promise<Landing | undefined> {
  try {
    const found = await client.getTransaction({ digest, include: { bcs: true }, signal: soon() })
    return landed(found, sui, digest, bytes)
  } catch (error) {
    if (error instanceof TransactionError && error.reason === 'notFound') return undefined
    throw error
  }
}

async function submit(client: SuiGrpcClient, sui: SuiSettings, transaction: SignedTransaction): Promise<Landing> {
  const { bytes, signature, digest } = transaction
  const sent = { transaction: fromBase64(bytes), signatures: [signature] }
  const found = await client.executeTransaction({ ...sent, include: { bcs: true }, signal: soon() })
  return landed(found, sui, digest, bytes)
}

type Found = SuiClientTypes.TransactionResult<{ bcs: true }>

/** The fate that a node reports, unless it is that of another transaction. */
function landed(found: Found, sui: SuiSettings, digest: string, bytes: string): Landing {
  const { digest: named, status, bcs } = found.Transaction ?? found.FailedTransaction
  if (named !== digest || toBase64(bcs) !== bytes)
    throw new TerminalError(`The node answered with the transaction ${named} instead of ${digest}.`)
  return landingOf(status, sui.package, paymentsIn(bytes))
}
