/**
 * Packages that antiphon uses when a user installs them, and their ranges. Those that antiphon must share with the
 * user's own code, or loads in a thread, are optional peers in package.json.
 */
export const PACKAGES: { readonly [name: string]: string } = {
  '@ai-sdk/anthropic': '^4.0.95',
  '@ai-sdk/google': '^4.0.108',
  '@ai-sdk/openai': '^4.0.105',
  '@libsql/client': '^0.17.3 || ^0.18.0',
  '@modelcontextprotocol/client': '^2.3.0',
  '@modelcontextprotocol/server': '^2.0.0',
  '@opentelemetry/api': '^1.9.0',
  '@opentelemetry/exporter-metrics-otlp-http': '>=0.220.0 <0.302.0',
  '@opentelemetry/exporter-trace-otlp-http': '>=0.220.0 <0.302.0',
  '@opentelemetry/resources': '^2.9.0 || ^3.0.0',
  '@opentelemetry/sdk-metrics': '^2.9.0 || ^3.0.0',
  '@opentelemetry/sdk-trace': '^2.9.0 || ^3.0.0',
  '@redis/client': '^6.0.0',
  '@restatedev/restate-sdk': '^1.17.0',
  '@restatedev/restate-server': '^1.7.10',
  pino: '^9.0.0 || ^10.0.0',
  piscina: '^5.0.0',
  'playwright-core': '^1.63.0',
}
