import type { JsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'

/** The environments that a tool call may use: those of the owner of its run. */
export interface ToolEnvironments {
  /** The present state; NotFoundError when there is no such environment. */
  get(name: string): Promise<EnvironmentRead>
  /** Applies a JSON Merge Patch, once per `id`. */
  update(name: string, patch: JsonObject, options: EnvironmentWrite): Promise<Json>
  /**
   * Waits for the first changes after a version; absent: after the
   * present one. Resolves with none when the signal aborts.
   */
  watch(name: string, after: number | undefined, signal: AbortSignal): Promise<readonly Json[]>
  /** Gives keys these values again, and removes the keys whose value is null. */
  setBack(name: string, values: JsonObject): Promise<void>
}

/** A state with its version. */
type EnvironmentRead = { readonly version: number; readonly state: JsonObject; readonly keys: Json }

/** How a tool updates: once per `id`, only at an expected version, for `ttl` ms. */
type EnvironmentWrite = { readonly id: string; readonly expectedVersion?: number; readonly ttl?: number }
