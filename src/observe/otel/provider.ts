import type { ContextManager, MeterProvider, TracerProvider } from '@opentelemetry/api'

/** The provider of the program: the parts that it has registered with `@opentelemetry/api`. */
export type ProgramProvider = {
  readonly trace?: TracerProvider
  readonly context?: ContextManager
  readonly metrics?: MeterProvider
}

/** The provider of this program, where the API package keeps it. That package is not loaded. Undefined: it has none. */
export function findProvider({ OTEL_SDK_DISABLED }: NodeJS.ProcessEnv): ProgramProvider | undefined {
  const found: ProgramProvider | undefined = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))
  return OTEL_SDK_DISABLED !== 'true' && (found?.trace || found?.metrics) ? found : undefined
}
