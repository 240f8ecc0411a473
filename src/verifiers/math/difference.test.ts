/** Which answers do not mean the same, and what the options change: a table of pairs, gold first. */
import { describe, expect, it } from 'vitest'
import { judgeMath } from './verify.ts'

const pairs = (table: string): [string, string][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s\|\|\s/) as [string, string])

const DIFFERENT: Record<string, string> = {
  numbers: String.raw`
    5 || 6
    5 || -5
    5 || 50
    1000 || 1,001
    1.5 || 15
    0.33 || \frac13
    \frac13 || 0.3333
    3.14 || \pi
    2 || 2.001
    1e-9 || 2e-9
    1.0e-34 || 1.1e-34
    2^{100} || 2^{100}+1
    \frac12 || 2
    2\frac13 || \frac23
    2\frac13 || \frac{2}{3}+3
    10! || 10
    \sqrt2 || 2
    4\sqrt2 || 4
    \sqrt{17} || 4.12
    20\% || 2000
    20\% || 30\%
    0.5 || 50
    1/4 || 0.25\%
    10:30 || 30
    2^{2024}-1 || 2^{2024}-2
    7^{100000} || 7^{100001}
    12 || 12i
    0 || \emptyset
    1.000 || 1000
    1,234 || 1.234
    1 || -[0,1)`,
  expressions: String.raw`
    x || y
    x || X
    f(x) || f(y)
    f(x) || g(x)
    x^2 || 2x
    x+1 || x-1
    (x+1)^2 || x^2+1
    \sqrt{x^2} || x
    a_1 || a_2
    x_1 || x
    \sin x || \cos x
    \sin 2x || 2\sin x
    n! || (n+1)!
    2^{n+1} || 2^n
    x || 5
    xy || x+y
    \frac{x}{y} || \frac{y}{x}
    1 - \frac1e || 1+\frac1e`,
  'equations and definitions': String.raw`
    x = 5 || y = 5
    x = 5 || 6
    x = 5 || x = 6
    7 = 11a+c || 11a+c
    x^2-5x+6=0 || 2,3
    x = 2 || 2x = 4
    x = 2, x = 3 || x^2-5x+6=0
    0 || x^2-5x+6=0
    y = 2x+1 || y = 2x-1
    x+y=3 || x-y=3
    x=3, y=2 || x=2, y=3
    x=3, y=2 || a=3, b=2
    1:2 || 2:1
    12:00 || 1:00
    f(x)=2x || g(x)=2x
    \sqrt2 \approx 3 || 3.5`,
  'lists, sets and intervals': String.raw`
    1,2 || 1,2,3
    1,2,3 || 1,2
    3 || 1,2,3
    1,1,2 || 1,2,2
    \pm 2021 || 2021
    \pm 3 || -3
    (1,2) || (2,1)
    (1,2) || [1,2]
    (1,2) || (1,2]
    [0,1) || (0,1)
    (1,2,3) || (1,2)
    \{1,2\} || \{1,3\}
    n=2, 3, 4 || n=1, 2, 3
    19, 46, and 82 || 21, 36, and 82
    x > 5 || x < 5
    x > 5 || x \geq 5
    x > 5 || y > 5
    x > 5 || 2x > 10
    x \neq 5 || 5
    x > 3 || 3
    (3,\infty) || 3
    (-\infty,1)\cup(3,\infty) || (-\infty,1)
    \mathbb{R} || \mathbb{Z}
    [0,1]\cup[2,3] || [0,3]
    \infty || -\infty
    \infty || 5
    \{1\} \cup [2,3] || [1,3]`,
  'units, bases, matrices and words': String.raw`
    5 \text{ cm} || 5 \text{ m}
    5 \text{ cm} || 5 \text{ cm}^2
    3 \text{ hours} || 3 \text{ minutes}
    4210_5 || 4210_6
    4210_5 || 555
    \begin{pmatrix}1&2\\3&4\end{pmatrix} || \begin{pmatrix}1&2\\3&5\end{pmatrix}
    \begin{pmatrix}1&2\\3&4\end{pmatrix} || \begin{pmatrix}1&3\\2&4\end{pmatrix}
    \begin{pmatrix}1\\2\end{pmatrix} || (2,1)
    \text{Evelyn} || \text{Carla}
    Yes || No
    C || D
    d || \text{E}
    \text{(C)} || \text{(D)}
    ABCD || DCBA
    \text{even} || \text{odd}
    \text{no solution} || 0
    five || 6
    True || Yes`,
}

const judge = (gold: string, prediction: string): boolean => judgeMath(prediction, gold).correct

describe.each(Object.entries(DIFFERENT))('different: %s', (_, table) => {
  it.each(pairs(table))('%s is not %s', (gold, prediction) => {
    expect([judge(gold, prediction), judge(prediction, gold)]).toEqual([false, false])
  })
})

describe('options', () => {
  it.each([
    ['4.123105625617661', String.raw`$\sqrt{17}$`, { precision: 5 }, true],
    [String.raw`$(\frac{3}{5},\frac{8}{3}]$`, '$(0.6,2.6667]$', { precision: 2 }, true],
    [String.raw`$(\frac{3}{5},\frac{8}{3}]$`, '$(0.6,2.6667]$', { precision: 6 }, false],
    ['$f(x)$', '$f(y)$', { strict: false }, true],
    ['$x>5$', '$y>5$', { strict: false }, true],
    [String.raw`$\{1,2\}$`, '$(2,1)$', { strict: false }, true],
    [String.raw`$\{1,2\}$`, '$(2,1)$', { strict: true }, false],
    ['$10$', 'Answer 10', { matchTypes: ['latex'] as const }, false],
  ])('%s against %s with %o is %s', (gold, prediction, options, expected) => {
    expect(judgeMath(prediction, gold, options).correct).toBe(expected)
  })
})
