import { InvalidError } from '../../errors.ts'
import { missingPackage } from '../../lib/package/manifest.ts'

/** Restate's SDK: an optional peer, loaded when an engine on Restate starts. */
export type Sdk = typeof import('@restatedev/restate-sdk')

/** The SDK, or an InvalidError that says how to get it. */
export const loadSdk = (): Promise<Sdk> =>
  import('@restatedev/restate-sdk').catch((cause) => {
    const message = 'The engine restate needs the package @restatedev/restate-sdk.'
    throw new InvalidError(message, missingPackage('@restatedev/restate-sdk', cause))
  })
