import type { Runtime } from '../../runtime/ports.ts'
import type { Owner } from '../../store/data-folder/owner.ts'
import type { Serving } from './serve.ts'

/** Stops a runtime and gives its folder up: nobody new is let in; what is under way may go on for `grace` ms, and who follows it until then. */
export async function closeDoors(
  runtime: Runtime,
  owner: Owner,
  doors: readonly Serving[],
  options?: { readonly grace?: number },
): Promise<void> {
  for (const door of doors) door.refuse()
  try {
    await runtime.stop(options)
  } finally {
    await Promise.all(doors.map((door) => door.close()))
    owner.release()
  }
}
