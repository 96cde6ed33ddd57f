import { InvalidError } from '../../errors.ts'
import { installCommand } from '../../lib/package/manifest.ts'

/** Loads the OpenTelemetry packages on demand; InvalidError with the install command when some are missing. */
export async function loadOtelPackages() {
  try {
    const [api, trace, metrics, resources, spans, points] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
    ])
    return { api, trace, metrics, resources, spans, points }
  } catch (cause) {
    throw new InvalidError('Telemetry is enabled, but the packages of OpenTelemetry cannot be loaded.', {
      hint: `Install them: ${installCommand(...PACKAGES)}`,
      cause,
    })
  }
}
export type OtelPackages = Awaited<ReturnType<typeof loadOtelPackages>>

const PACKAGES = [
  'api',
  'sdk-trace',
  'sdk-metrics',
  'resources',
  'exporter-trace-otlp-http',
  'exporter-metrics-otlp-http',
].map((name) => `@opentelemetry/${name}`)
