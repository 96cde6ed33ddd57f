import type { ServedRuntime } from '../../runtime/ports.ts'
import type { Setup } from '../cli.ts'

/** What `cluster dev` works with: opened, its runtime stands on servers that it started; stopped, it stops them. */
export type DevCluster = {
  readonly setup: Setup
  /** rejects when what was started cannot go on */
  readonly ended: Promise<never>
  /** what a person is told first */
  readonly title: string
}

/** A runtime that takes along what it stands on when it stops, or when it does not open. */
export async function openDevCluster(
  open: () => Promise<ServedRuntime>,
  stop: () => Promise<unknown>,
): Promise<ServedRuntime> {
  const runtime = await open().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    ...runtime,
    async stop(options) {
      await runtime.stop(options)
      await stop()
    },
  }
}
