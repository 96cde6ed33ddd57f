import { InvalidError } from '../../errors.ts'

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
    throw new InvalidError('telemetry is enabled, but the packages of OpenTelemetry cannot be loaded', {
      hint: `Install them: npm install ${PACKAGE_NAMES.map((name) => `@opentelemetry/${name}`).join(' ')}`,
      cause,
    })
  }
}
export type OtelPackages = Awaited<ReturnType<typeof loadOtelPackages>>

const PACKAGE_NAMES = [
  'api@1.10',
  'sdk-trace@3.1',
  'sdk-metrics@3.1',
  'resources@3.1',
  'exporter-trace-otlp-http@0.301',
  'exporter-metrics-otlp-http@0.301',
]
