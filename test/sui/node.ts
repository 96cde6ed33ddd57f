import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bcs } from '@mysten/sui/bcs'
import { GrpcStatusCode, GrpcTypes } from '@mysten/sui/grpc'
import { TransactionDataBuilder } from '@mysten/sui/transactions'
import { fromBase64, toBase58, toBase64, toHex } from '@mysten/sui/utils'
import { verifyTransactionSignature } from '@mysten/sui/verify'
import { onTestFinished } from 'vitest'

/** The chain, the package and the treasury of the fake node. */
export const CHAIN = toBase58(hash('sha256', 'chain', 'buffer'))
export const PACKAGE = `0x${'c1'.repeat(32)}`
export const TREASURY = `0x${'7e'.repeat(32)}`
const GAS = `0x${'9a'.repeat(32)}`
const MAX_SUPPLY = 10n ** 19n

const SERVICES = [GrpcTypes.LedgerService, GrpcTypes.StateService, GrpcTypes.TransactionExecutionService]

/** `lost`: it takes the transaction, and its answer is lost. `late`: it takes it later. `down`: it takes nothing. */
export type NodeFault = 'lost' | 'late' | 'down' | 'locked'

type Payment = { readonly citing: string; readonly cited: string; readonly amount: bigint; readonly to: string }
type Sent = { readonly bytes: Uint8Array; readonly signature: string }
type Abort = { readonly command: number; readonly code: bigint }
type Refs = readonly { readonly objectId: string; readonly version: string; readonly digest: string }[]

class Refused extends Error {
  readonly code: GrpcStatusCode
  constructor(code: GrpcStatusCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A node of Sui in this process, as far as the settlement asks one. It speaks gRPC-web with the messages of the SDK. */
export class FakeNode {
  chain = CHAIN
  epoch = 5n
  minted = 0n
  /** coins below the budget that the wallet has before the other one */
  smallCoins = 0
  /** whether the Move package refuses a pair that was paid */
  looksAtPairs = true
  fault: () => NodeFault | undefined = () => undefined
  /** what happens before a question is read */
  before: (method: string) => Promise<void> = async () => {}
  /** changes answers before they leave */
  lies: (method: string, answer: object) => object = (_, answer) => answer
  readonly owner: string
  readonly paid: Payment[] = []
  readonly landed = new Map<string, Sent & { readonly abort?: Abort | undefined }>()
  readonly versions = new Map([
    [TREASURY, 1n],
    [GAS, 1n],
  ])
  readonly #late: Sent[] = []
  url = ''

  constructor(owner: string) {
    this.owner = owner
  }

  async listen(): Promise<this> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const head = { 'content-type': 'application/grpc-web-text+proto' }
      try {
        const body = await this.#answer(
          request.url!,
          Buffer.from(Buffer.concat(chunks).toString(), 'base64').subarray(5),
        )
        const trailer = Buffer.from('grpc-status: 0\r\n')
        response.writeHead(200, head).end(Buffer.concat([frame(0, body), frame(0x80, trailer)]).toString('base64'))
      } catch (error) {
        if (!(error instanceof Refused)) return void request.socket.destroy()
        response
          .writeHead(200, { ...head, 'grpc-status': error.code, 'grpc-message': encodeURIComponent(error.message) })
          .end()
      }
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return this
  }

  async #answer(path: string, body: Uint8Array): Promise<Buffer> {
    const [service, name] = path.split('/').slice(-2)
    const method = SERVICES.find(({ typeName }) => typeName === service)!.methods.find((one) => one.name === name)!
    await this.before(name!)
    const asked = method.I.fromBinary(body) as never
    const answer = await (this[`on${name}` as 'onGetEpoch'] as (given: unknown) => object | Promise<object>)(asked)
    return Buffer.from(method.O.toBinary(method.O.create(this.lies(name!, answer))))
  }

  onGetServiceInfo = () => ({ chainId: this.chain, epoch: this.epoch })
  onGetEpoch = () => ({ epoch: { epoch: this.epoch, referenceGasPrice: 1000n } })
  onGetBalance = ({ owner }: GrpcTypes.GetBalanceRequest) => {
    const balance = this.paid.reduce((sum, { to, amount }) => (to === owner ? sum + amount : sum), 0n)
    return { balance: { balance, coinBalance: balance } }
  }
  /** Each coin is a page of its own; the last one has enough. */
  onListOwnedObjects = ({ pageToken }: GrpcTypes.ListOwnedObjectsRequest) => {
    const page = pageToken?.[0] ?? 0
    const isLast = page >= this.smallCoins
    const coin = { objectType: '0x2::coin::Coin<0x2::sui::SUI>', balance: isLast ? 10n ** 12n : 5n }
    const small = `0x${String(page).padStart(64, 'c')}`
    return {
      objects: [{ ...this.#object(isLast ? GAS : small), ...coin }],
      ...(!isLast && { nextPageToken: Uint8Array.of(page + 1) }),
    }
  }
  onBatchGetObjects = ({ requests }: GrpcTypes.BatchGetObjectsRequest) => ({
    objects: requests.map(({ objectId = '' }) => ({ result: { oneofKind: 'object', object: this.#object(objectId) } })),
  })
  onGetTransaction = ({ digest = '' }: GrpcTypes.GetTransactionRequest) => {
    const found = this.landed.get(digest)
    if (!found) throw new Refused(GrpcStatusCode.NOT_FOUND, `Transaction ${digest} not found`)
    return { transaction: executed(digest, found) }
  }
  onSimulateTransaction = ({ transaction }: GrpcTypes.SimulateTransactionRequest) => {
    const bytes = transaction!.bcs!.value!
    return { transaction: executed(digestOf(bytes), { bytes, signature: '', abort: this.#run(bytes).abort }) }
  }
  onExecuteTransaction = async ({ transaction, signatures }: GrpcTypes.ExecuteTransactionRequest) => {
    const sent = { bytes: transaction!.bcs!.value!, signature: toBase64(signatures[0]!.bcs!.value!) }
    const fault = this.fault()
    if (fault === 'down') throw new Refused(GrpcStatusCode.UNAVAILABLE, 'The node is down.')
    if (fault === 'locked') throw new Refused(GrpcStatusCode.ABORTED, 'An object is locked until the end of the epoch.')
    if (fault === 'late') {
      this.#late.push(sent)
      throw new Refused(GrpcStatusCode.DEADLINE_EXCEEDED, 'The answer takes too long.')
    }
    const digest = await this.#execute(sent)
    if (fault === 'lost') throw new Error('the answer is lost')
    return { transaction: executed(digest, this.landed.get(digest)!) }
  }

  /** Takes what is late. */
  async deliver(): Promise<void> {
    for (const sent of this.#late.splice(0)) await this.#execute(sent).catch(() => {})
  }

  /** Another transaction of the same wallet uses the treasury. */
  useElsewhere(): void {
    this.versions.set(TREASURY, this.versions.get(TREASURY)! + 1n)
  }

  async #execute(sent: Sent): Promise<string> {
    const { bytes, signature } = sent
    await verifyTransactionSignature(bytes, signature, { address: this.owner }).catch((error: Error) => {
      throw new Refused(GrpcStatusCode.INVALID_ARGUMENT, error.message)
    })
    const digest = digestOf(bytes)
    if (this.landed.has(digest)) return digest
    const { refs, lastEpoch, sender } = readBytes(bytes)
    if (sender !== this.owner || lastEpoch < this.epoch)
      throw new Refused(GrpcStatusCode.INVALID_ARGUMENT, 'The transaction has expired.')
    for (const { objectId, version, digest } of refs) {
      const { version: newest, digest: known } = this.#object(objectId)
      if (BigInt(version) !== newest || digest !== known)
        throw new Refused(GrpcStatusCode.FAILED_PRECONDITION, `The version ${version} of ${objectId} is not available.`)
    }
    const { payments, abort } = this.#run(bytes)
    // one that fails uses its objects as well
    for (const { objectId } of refs) this.versions.set(objectId, this.versions.get(objectId)! + 1n)
    this.landed.set(digest, { ...sent, abort })
    if (!abort) {
      this.paid.push(...payments)
      this.minted += payments.reduce((sum, { amount }) => sum + amount, 0n)
    }
    return digest
  }

  /** Runs the calls of `record_citation` as the Move package does. */
  #run(bytes: Uint8Array): { readonly payments: readonly Payment[]; readonly abort?: Abort } {
    const { payments } = readBytes(bytes)
    const pairs = new Set(this.paid.map(({ citing, cited }) => citing + cited))
    let total = this.minted
    for (const [command, { citing, cited, amount }] of payments.entries()) {
      const abort = (code: bigint) => ({ payments, abort: { command, code } })
      if (amount === 0n) return abort(2n)
      if (this.looksAtPairs && pairs.has(citing + cited)) return abort(1n)
      if (total + amount > MAX_SUPPLY) return abort(0n)
      pairs.add(citing + cited)
      total += amount
    }
    return { payments }
  }

  #object(objectId: string) {
    const version = this.versions.get(objectId) ?? 0n
    return {
      ...{ objectId, version, digest: toBase58(hash('sha256', `${objectId}@${version}`, 'buffer')) },
      owner: { kind: GrpcTypes.Owner_OwnerKind.ADDRESS, address: this.owner },
      objectType: `${PACKAGE}::choir::TreasuryCapability`,
    }
  }
}

const digestOf = (bytes: Uint8Array) => TransactionDataBuilder.getDigestFromBytes(bytes)

/** Reads the bytes of a transaction with the types of the SDK. */
export function readBytes(bytes: Uint8Array) {
  const { V1: data } = bcs.TransactionData.parse(bytes)
  const { inputs, commands } = data!.kind.ProgrammableTransaction!
  const pure = (at: number) => fromBase64(inputs[at]!.Pure!.bytes)
  const payments = commands.map((command): Payment => {
    const call = command.MoveCall!
    const target = `${call.package}::${call.module}::${call.function}`
    if (target !== `${PACKAGE}::choir::record_citation`) throw new Error(`unknown call ${target}`)
    const [, citing, cited, amount, to] = call.arguments.map((argument) => argument.Input!) as number[]
    const hashAt = (at: number) => toHex(Uint8Array.from(bcs.vector(bcs.u8()).parse(pure(at))))
    return {
      ...{ citing: hashAt(citing!), cited: hashAt(cited!) },
      ...{ amount: BigInt(bcs.u64().parse(pure(amount!))), to: bcs.Address.parse(pure(to!)) },
    }
  })
  const owned = inputs.flatMap(({ Object: object }) => object?.ImmOrOwnedObject ?? [])
  const refs: Refs = [...owned, ...data!.gasData.payment]
  return { payments, refs, sender: data!.sender, lastEpoch: BigInt(data!.expiration.Epoch!), gas: data!.gasData }
}

function executed(digest: string, { bytes, signature, abort }: Sent & { readonly abort?: Abort | undefined }) {
  const error = abort && {
    description: 'the Move package aborted',
    kind: GrpcTypes.ExecutionError_ExecutionErrorKind.MOVE_ABORT,
    command: BigInt(abort.command),
    errorDetails: {
      oneofKind: 'abort',
      abort: { abortCode: abort.code, location: { package: PACKAGE, module: 'choir', function: 1, instruction: 9 } },
    },
  }
  return {
    digest,
    transaction: { digest, bcs: { value: bytes } },
    signatures: [{ bcs: { value: fromBase64(signature) } }],
    effects: { transactionDigest: digest, status: { success: !abort, ...(error && { error }) } },
  }
}

function frame(flag: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flag, 0)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}
