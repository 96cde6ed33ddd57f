import type { Json, JsonObject } from '../kernel/json.ts'
import type { FileRef } from '../lib/media/file-ref.ts'
import type { FileReaders } from '../model/request/request.ts'
import type { Sandboxes } from '../sandbox/choose.ts'
import type { Web } from '../web/request.ts'
import type { SearchSettings } from '../web/search/search.ts'
import type { McpServers } from './mcp/port.ts'

/** Services that the tools of a runtime share. Each is opened on first use. */
export interface ToolServices {
  /** the network, as far as `web:` in antiphon.yaml opens it */
  web(): Promise<Web>
  /** sandboxes for foreign code, as `sandbox:` in antiphon.yaml configures them */
  sandboxes(): Promise<Sandboxes>
  /** the servers that `mcpServers:` in antiphon.yaml and .mcp.json name */
  mcp(): Promise<McpServers>
  /** the search service that `search:` in antiphon.yaml names */
  readonly search?: SearchSettings
}

/** The environments that a tool call may use: those of the owner of its run. */
export interface ToolEnvironments {
  /** The present state; NotFoundError when there is no such environment. */
  get(name: string): Promise<EnvironmentRead>
  /** Applies a JSON Merge Patch, once per `id`. */
  update(name: string, patch: JsonObject, options: EnvironmentWrite): Promise<Json>
  /** Waits for the first changes after a version; absent: the present one. Resolves with none when the signal ends. */
  watch(name: string, after: number | undefined, signal: AbortSignal): Promise<readonly Json[]>
  /** Gives keys these values again, and removes the keys whose value is null. */
  setBack(name: string, values: JsonObject): Promise<void>
}

type EnvironmentRead = { readonly version: number; readonly state: JsonObject; readonly keys: Json }

/** How a tool updates: once per `id`, only at an expected version, for `ttl` ms. */
type EnvironmentWrite = { readonly id: string; readonly expectedVersion?: number; readonly ttl?: number }

type Shrink = NonNullable<FileReaders['smallPicture']>

/** The files that a tool call may use: those of the owner of its run. */
export interface ToolFiles {
  /** Stores a file, which the run uses from then on. The same content is stored once. */
  add(content: Uint8Array | AsyncIterable<Uint8Array>, options: { readonly name: string }): Promise<FileRef>
  /** The reference with name and type as they are stored. @throws NotFoundError of code `file_not_found` */
  find(file: string): Promise<FileRef>
  /** Reads a whole file. Error `file_too_large` beyond `max` bytes. */
  read(file: string, max: number): Promise<Uint8Array>
  /** A picture within bounds; undefined: it cannot be made smaller here. `content`: it may have no record. */
  small(file: FileRef, content: Uint8Array, bounds: Parameters<Shrink>[1]): ReturnType<Shrink>
  /** Reads facts and texts of a picture by programs, without a model. @throws TerminalError if it is damaged */
  describe(file: FileRef, content: Uint8Array, signal: AbortSignal): Promise<MediaDescription>
}

/** Facts and texts of media, by programs. `text`: a line for each of them. `lacks`: sentences about what is missing. */
export type MediaDescription = {
  readonly text: string
  readonly facts: JsonObject
  readonly passages: readonly JsonObject[]
  readonly lacks: readonly string[]
}
