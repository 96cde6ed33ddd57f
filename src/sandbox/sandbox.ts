/**
 * Sandboxes run the programs of others: shell commands, Python, JavaScript and MCP servers. A sandbox has a scratch
 * folder, limits, and no network but what a proxy lets through. `bubblewrap/` and `container/` isolate, `none.ts`
 * does not and says so, and `script/` evaluates JavaScript without a process.
 */

import type { ProcessOutput, Talk } from './process/run-process.ts'

/**
 * A way to run foreign code. A runtime tries the providers named under `sandbox: { use }` in order, and opens a sandbox
 * of the first that can run here. The escape suite of `antiphon/testing` checks a provider.
 */
export interface SandboxProvider {
  /** the word that stands under `sandbox: { use }` */
  readonly name: string
  /** how it enforces the limit of disk; absent: unknown */
  readonly disk?: DiskBound
  /** Why it cannot run here and what to do about it; undefined: it can. */
  check(): Promise<SandboxGap | undefined>
  /** Opens a sandbox with an empty scratch folder. The caller closes it. */
  open(options: OpenSandboxOptions): Promise<Sandbox>
}

/** `sized`: the folders have a size. `watched`: files are counted at times; code may exceed the limit briefly. */
type DiskBound = 'sized' | 'watched'

/** Why a sandbox cannot run here. `hint` is what an administrator can do. */
export type SandboxGap = { readonly reason: string; readonly hint: string }

/** One scratch folder, and commands, one at a time, that see nothing else but the system's programs and the mounts. */
export interface Sandbox {
  /** the name of its provider */
  readonly name: string
  /** the folder as commands in the sandbox see it */
  readonly folder: string
  /** Runs a command in the scratch folder. Nothing that it started is alive when this resolves. */
  run(command: readonly [program: string, ...args: string[]], options?: RunCommandOptions): Promise<Execution>
  /** Writes a file of the scratch folder, with the folders above it. */
  write(path: string, bytes: Uint8Array | string): Promise<void>
  /** Reads a regular file of the scratch folder; NotFoundError for a link and for anything else. */
  read(path: string): Promise<Uint8Array>
  /** The regular files in a folder of the scratch folder and below, by path. Links are neither followed nor listed. */
  list(folder: string): Promise<readonly ScratchFile[]>
  /** Removes the scratch folder. */
  close(): Promise<void>
}

/** A file in the scratch folder: its path there, and its size in bytes. */
export type ScratchFile = { readonly path: string; readonly size: number }

/** How a sandbox is opened: its bounds, and what commands in it see besides their scratch folder. */
export type OpenSandboxOptions = {
  readonly limits: SandboxLimits
  readonly mounts?: readonly Mount[]
  /**
   * starts a proxy that listens on this socket of the machine. Commands reach it at 127.0.0.1:3128, and no other
   * network; absent: no network at all. A provider that cannot do this refuses to open.
   */
  readonly proxy?: (socket: string) => Promise<void>
}

/**
 * A folder or file of this machine that commands see at the same path; without `write` they cannot change it. `hidden`:
 * it lies in another mount, and commands cannot read it. A provider that cannot do this refuses to open.
 */
export type Mount = { readonly path: string; readonly write?: boolean; readonly hidden?: 'file' | 'folder' }

/** Upper bounds for all that runs in a sandbox at once. */
export type SandboxLimits = {
  /** bytes */
  readonly memory: number
  /** of one command */
  readonly seconds: number
  /** processes and threads */
  readonly processes: number
  /** bytes in the scratch folder */
  readonly disk: number
  /** files and folders in the scratch folder */
  readonly files: number
}

export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  memory: 512 * 1024 * 1024,
  seconds: 30,
  processes: 64,
  disk: 256 * 1024 * 1024,
  files: 10_000,
}

/** How a command runs in a sandbox. */
export type RunCommandOptions = {
  readonly signal?: AbortSignal
  /** a shorter bound than that of the sandbox */
  readonly seconds?: number
  /** added to PATH, HOME, LANG and TMPDIR */
  readonly environment?: { readonly [name: string]: string }
  /** an absolute path in the scratch folder or a mount; absent: the scratch folder */
  readonly folder?: string
  /** gets the streams of a command that talks; nothing bounds its time, and its output is not collected */
  readonly talk?: Talk
}

/** How a command ended. A signal shows as code 128 + its number, as in a shell. */
export type Execution = {
  readonly ended: 'exit' | 'signal' | 'timeout' | 'cancelled' | 'limit'
  /** which limit ended it */
  readonly limit?: LimitName
  readonly code: number
  readonly stdout: ProcessOutput
  readonly stderr: ProcessOutput
  /** ms */
  readonly elapsed: number
}

export type LimitName = 'memory' | 'processes' | 'disk' | 'files'
