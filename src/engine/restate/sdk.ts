import { InvalidError } from '../../errors.ts'
import { missingPackage } from '../../lib/package/manifest.ts'

/** Restate's SDK: an optional peer, loaded when an engine on Restate starts. */
export type Sdk = typeof import('@restatedev/restate-sdk')

/** The SDK, or an InvalidError that says how to get it. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@restatedev/restate-sdk')
  } catch (cause) {
    throw new InvalidError(
      'The engine restate needs the package @restatedev/restate-sdk.',
      missingPackage('@restatedev/restate-sdk', cause),
    )
  }
}
