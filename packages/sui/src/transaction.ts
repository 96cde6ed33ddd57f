import { bcs } from '@mysten/sui/bcs'
import type { SuiClientTypes } from '@mysten/sui/client'
import { Transaction, TransactionDataBuilder } from '@mysten/sui/transactions'
import { fromBase64, fromHex } from '@mysten/sui/utils'
import type { Landing, Payment, RefusedPayment } from 'antiphon/extend'
import type { SuiSettings } from './settings.ts'

/** An object at a version: a transaction that names it lands only while that is the newest one. */
export type ObjectRef = { readonly objectId: string; readonly version: string; readonly digest: string }

/** The facts that a node says. None of them decides who is paid. */
export type Facts = {
  readonly sender: string
  readonly treasury: ObjectRef
  readonly gas: ObjectRef
  readonly gasPrice: string
  readonly epoch: bigint
}

/** The bytes of the transaction that pays these citations: one call for each, in their order. No node completes it. */
export async function transactionBytes(
  { package: id, budget }: SuiSettings,
  payments: readonly Payment[],
  { sender, treasury, gas, gasPrice, epoch }: Facts,
): Promise<Uint8Array> {
  const transaction = new Transaction()
  transaction.setSender(sender)
  transaction.setGasOwner(sender)
  transaction.setGasPayment([gas])
  transaction.setGasPrice(gasPrice)
  transaction.setGasBudget(budget)
  // from the epoch after the next one on, it can no longer land
  transaction.setExpiration({ Epoch: String(epoch + 1n) })
  const paying = transaction.objectRef(treasury)
  const hashOf = (hex: string) => transaction.pure(bcs.vector(bcs.u8()).serialize(fromHex(hex)))
  for (const { citing, cited, amount, to } of payments)
    transaction.moveCall({
      target: `${id}::choir::record_citation`,
      arguments: [
        ...[paying, hashOf(citing), hashOf(cited)],
        ...[transaction.pure.u64(amount), transaction.pure.address(to)],
      ],
    })
  return transaction.build()
}

/** The digest of a transaction, as the chain computes it. */
export const digestOf = (bytes: Uint8Array): string => TransactionDataBuilder.getDigestFromBytes(bytes)

/** The objects and the last epoch that a signed transaction is bound to. */
export function boundsOf(bytes: string): { readonly objects: readonly ObjectRef[]; readonly lastEpoch: bigint } {
  const { V1: data } = bcs.TransactionData.parse(fromBase64(bytes))
  const { inputs } = data!.kind.ProgrammableTransaction!
  const owned = inputs.flatMap(({ Object: object }) => object?.ImmOrOwnedObject ?? [])
  return { objects: [...owned, ...data!.gasData.payment], lastEpoch: BigInt(data!.expiration.Epoch!) }
}

/** The fate of a transaction that the chain has, by its effects. */
export function landingOf(status: SuiClientTypes.ExecutionStatus, id: string, payments: number): Landing {
  if (status.success) return { status: 'landed' }
  const refused = refusalOf(status.error, id, payments)
  return { status: 'failed', why: `The transaction failed: ${status.error.message}`, ...(refused && { refused }) }
}

/** The codes with which `record_citation` aborts. */
const ABORTS: { readonly [code: string]: string } = { 0: 'mint_exceeds_cap', 1: 'already_paid', 2: 'bad_amount' }

/** The payment that made the Move package abort; undefined: something else failed. */
export function refusalOf(
  error: SuiClientTypes.ExecutionError,
  id: string,
  payments: number,
): RefusedPayment | undefined {
  if (error.$kind !== 'MoveAbort' || error.command === undefined || error.command >= payments) return undefined
  const { abortCode, location } = error.MoveAbort
  const code = ABORTS[abortCode]
  const isOurs = location?.package === id && location.module === 'choir'
  return isOurs && code !== undefined ? { at: error.command, code } : undefined
}

/** How many payments a transaction has. */
export function paymentsIn(bytes: string): number {
  const { V1: data } = bcs.TransactionData.parse(fromBase64(bytes))
  return data!.kind.ProgrammableTransaction!.commands.length
}
