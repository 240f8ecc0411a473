/** Complex arithmetic in doubles: enough of it to evaluate an answer at a point. */
export interface Complex {
  re: number
  im: number
}

export const complex = (re: number, im = 0): Complex => ({ re, im })
export const isDefined = (z: Complex): boolean => Number.isFinite(z.re) && Number.isFinite(z.im)
export const modulus = (z: Complex): number => Math.hypot(z.re, z.im)
export const isReal = (z: Complex): boolean => Math.abs(z.im) <= 1e-10 * Math.max(1, Math.abs(z.re))
export const NOT_A_NUMBER: Complex = { re: Number.NaN, im: Number.NaN }

export const add = (a: Complex, b: Complex): Complex => ({ re: a.re + b.re, im: a.im + b.im })
export const subtract = (a: Complex, b: Complex): Complex => ({ re: a.re - b.re, im: a.im - b.im })
export const negate = (a: Complex): Complex => ({ re: -a.re, im: a.im === 0 ? 0 : -a.im })

export function multiply(a: Complex, b: Complex): Complex {
  if (a.im === 0 && b.im === 0) return { re: a.re * b.re, im: 0 }
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }
}

export function divide(a: Complex, b: Complex): Complex {
  if (b.im === 0) return b.re === 0 ? NOT_A_NUMBER : { re: a.re / b.re, im: a.im / b.re }
  const size = b.re * b.re + b.im * b.im
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size }
}

export function exponential(z: Complex): Complex {
  const scale = Math.exp(z.re)
  return z.im === 0 ? { re: scale, im: 0 } : { re: scale * Math.cos(z.im), im: scale * Math.sin(z.im) }
}

export function logarithm(z: Complex): Complex {
  if (z.re === 0 && z.im === 0) return NOT_A_NUMBER
  if (z.im === 0 && z.re > 0) return { re: Math.log(z.re), im: 0 }
  return { re: Math.log(modulus(z)), im: Math.atan2(z.im, z.re) }
}

export function power(base: Complex, exponent: Complex): Complex {
  if (exponent.im === 0 && Number.isInteger(exponent.re) && Math.abs(exponent.re) <= 1_024) {
    if (base.im === 0)
      return base.re === 0 && exponent.re < 0 ? NOT_A_NUMBER : complex(base.re ** exponent.re)
    return integerPower(base, exponent.re)
  }
  if (base.im === 0 && exponent.im === 0 && base.re >= 0) return complex(base.re ** exponent.re)
  if (base.re === 0 && base.im === 0) return exponent.re > 0 ? complex(0) : NOT_A_NUMBER
  return exponential(multiply(exponent, logarithm(base)))
}

export function squareRoot(z: Complex): Complex {
  if (z.im === 0) return z.re >= 0 ? complex(Math.sqrt(z.re)) : complex(0, Math.sqrt(-z.re))
  return power(z, complex(0.5))
}

export function sine(z: Complex): Complex {
  if (z.im === 0) return complex(Math.sin(z.re))
  return { re: Math.sin(z.re) * Math.cosh(z.im), im: Math.cos(z.re) * Math.sinh(z.im) }
}

export function cosine(z: Complex): Complex {
  if (z.im === 0) return complex(Math.cos(z.re))
  return { re: Math.cos(z.re) * Math.cosh(z.im), im: -Math.sin(z.re) * Math.sinh(z.im) }
}

function integerPower(base: Complex, exponent: number): Complex {
  let result = complex(1)
  let square = base
  for (let k = Math.abs(exponent); k > 0; k = Math.floor(k / 2)) {
    if (k % 2 === 1) result = multiply(result, square)
    square = multiply(square, square)
  }
  return exponent < 0 ? divide(complex(1), result) : result
}
