import { DEFAULT_SANDBOX_LIMITS, type SandboxLimits } from '../../src/sandbox/sandbox.ts'

/** Small bounds, so that bombs end soon. */
export const SUITE_LIMITS: SandboxLimits = {
  ...DEFAULT_SANDBOX_LIMITS,
  memory: 128_000_000,
  seconds: 2,
  processes: 32,
  disk: 20_000_000,
  files: 2000,
}
