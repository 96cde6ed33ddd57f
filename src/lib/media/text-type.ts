export const isTextType = (mediaType: string): boolean => /^(?:text\/|application\/(?:json|yaml|xml)\b)/.test(mediaType)
