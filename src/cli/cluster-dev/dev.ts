import type { ServedRuntime } from '../../runtime/ports.ts'
import type { Setup } from '../cli.ts'

/** The setup of `cluster dev`. Its runtime uses servers that it started, and stops them when it stops. */
export type DevCluster = {
  readonly setup: Setup
  /** rejects when a started server cannot continue */
  readonly ended: Promise<never>
  /** the first message to the person */
  readonly title: string
}

/** A runtime that stops its servers when it stops, or when it does not open. */
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
