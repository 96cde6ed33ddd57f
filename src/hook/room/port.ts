import type { Page } from '../../house/common-fields.ts'
import type { HookDefinition } from '../definition.ts'
import type { RawDelivery } from '../verify.ts'

/** A hook as its owner sees it. It holds no secret. */
export type HookDocument = Pick<HookDefinition, 'owner' | 'verify' | 'events'> & {
  readonly name: string
  /** its path on the server */
  readonly path: string
  /** what a delivery does: `run report.yaml`, `agent clerk`, `signal paid` */
  readonly work: string
  /** why no delivery is accepted; absent: they are */
  readonly problem?: string
}

/**
 * The answer to a delivery. `repeated`: it has counted before, and `id` names what it did. `ignored`: the hook does not
 * take events of its type.
 */
export type DeliveryReceipt =
  | { readonly status: 'started' | 'signalled' | 'repeated'; readonly id: string }
  | { readonly status: 'ignored' }

/** Webhooks that come in. */
export interface HooksPort {
  /** The hooks of an owner; absent: of all. */
  list(query?: { readonly owner?: string }): Promise<readonly HookDocument[]>
  /**
   * Takes a delivery: verifies it, and does the work of the hook once. Resolves when that is durable.
   * @throws NotFoundError for an unknown hook, `hook_signature`, `hook_time`, `hook_secret`, `hook_field`, and the
   * errors of a start
   */
  deliver(name: string, delivery: UnreadDelivery): Promise<DeliveryReceipt>
  /**
   * Takes the JSON of a machine for the wait behind an address. Resolves when that is durable. A wrong token reads
   * no body.
   * @throws NotFoundError for a wrong address, `signal_address_over` after its wait, and the errors of a signal
   */
  signal(address: SignalAddress, body: ReadBody): Promise<DeliveryReceipt>
}

/** Reads the body of a request, once. */
type ReadBody = () => Promise<Uint8Array>

/** A delivery whose body is not read: an unknown hook reads none. */
type UnreadDelivery = Pick<RawDelivery, 'header'> & { readonly body: ReadBody }

/** The parts of the one-time address of a wait. */
export type SignalAddress = { readonly run: string; readonly step: string; readonly token: string }

/** Hooks as a caller of the server may use them. A signature opens `deliver`, and its token `signal`. */
export interface HooksView extends Pick<HooksPort, 'deliver' | 'signal'> {
  list(): Promise<Page<HookDocument>>
}

/** Hooks in a client, which delivers nothing. */
export interface HooksClient {
  /** The hooks that the caller sees. */
  list(): Promise<readonly HookDocument[]>
}
