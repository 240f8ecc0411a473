/** Errors in OpenAI's shape: {error: {message, type, param, code}}. */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { UserError } from '../../errors.ts'

export interface ApiErrorDetails {
  type?: string
  /** The field of the request that is wrong. */
  param?: string
  code?: string
  headers?: Record<string, string>
}

export class ApiError extends Error {
  readonly status: ContentfulStatusCode
  readonly details: ApiErrorDetails

  constructor(status: ContentfulStatusCode, message: string, details: ApiErrorDetails = {}) {
    super(message)
    this.status = status
    this.details = details
  }
}

export function errorBody({ message, details: { type = 'invalid_request_error', param, code } }: ApiError) {
  return { error: { message, type, param: param ?? null, code: code ?? null } }
}

/** Any error as one for the client; our own ones are told on stderr and not to the client. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof UserError) return new ApiError(400, error.message)
  if (error instanceof HTTPException) return new ApiError(error.status as ContentfulStatusCode, error.message)
  console.error(error)
  return new ApiError(500, 'The server failed; its log says why.', { type: 'server_error' })
}

export function errorResponse(c: Context<{ Bindings: HttpBindings }>, error: unknown): Response {
  // Nobody is there to read it.
  if (c.env.outgoing.destroyed) return new Response(null, { status: 499 })
  const known = asApiError(error)
  return c.json(errorBody(known), known.status, known.details.headers)
}

/** For bodies of more than `largest` bytes. */
export const refuseBody = (largest: number) => (c: Context<{ Bindings: HttpBindings }>) =>
  errorResponse(
    c,
    new ApiError(413, `The body has more than ${largest} bytes.`, { code: 'request_too_large' }),
  )
