/** Types of model files that are read without running anything in them. */
const WEIGHTS = {
  gguf: 'application/x-gguf',
  safetensors: 'application/x-safetensors',
  onnx: 'application/x-onnx',
} as const

/** Whether files of this type hold the weights of a model. */
export const isWeightsType = (type: string): boolean => Object.values(WEIGHTS).some((one) => one === type)

/** The type of a model file by its name; undefined for all others. */
export function weightsTypeOfName(name: string): string | undefined {
  const ending = (/\.(\w+)$/.exec(name)?.[1] ?? '').toLowerCase()
  return Object.hasOwn(WEIGHTS, ending) ? WEIGHTS[ending as keyof typeof WEIGHTS] : undefined
}

/** The type of a model file by its first bytes. The form of ONNX has no signature, so its name has to say it. */
export function weightsTypeOf(name: string, head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  if (bytes.toString('latin1', 0, 4) === 'GGUF') return WEIGHTS.gguf
  const said = weightsTypeOfName(name)
  if (said === WEIGHTS.safetensors) return bytes.length > 8 && bytes[8] === OPEN_BRACE ? said : undefined
  // the first field of a model in ONNX is the version of the form
  return said === WEIGHTS.onnx && bytes[0] === IR_VERSION ? said : undefined
}

const OPEN_BRACE = 0x7b
const IR_VERSION = 0x08
