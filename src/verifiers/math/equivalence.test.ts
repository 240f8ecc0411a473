/** Which answers mean the same: a table of pairs, gold first. Every pair is judged both ways round. */
import { describe, expect, it } from 'vitest'
import { judgeMath } from './verify.ts'

const pairs = (table: string): [string, string][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s\|\|\s/) as [string, string])

const SAME: Record<string, string> = {
  'integers and separators': String.raw`
    1000 || 1,000
    1000 || 1{,}000
    1000 || 1,\!000
    1000 || 1\,000
    1000 || 1 000
    1234567 || 1,234,567
    1234567 || 1.234.567
    1234.56 || 1.234,56
    1234.56 || 1,234.56
    3,5 || 3.5
    12000023 || 12,000,023
    -7 || −7
    7 || +7
    7 || 7.
    7 || 7.0
    042 || 42
    100 || 1e2
    1500000 || 1.5 \times 10^6
    1500000 || 1.5\cdot 10^{6}
    1.5 \times 10^{-3} || 0.0015
    6.02 \times 10^{23} || 6.02e23`,
  'fractions and decimals': String.raw`
    \frac{1}{2} || 0.5
    \frac{1}{2} || 1/2
    \frac12 || \dfrac{1}{2}
    \frac12 || \tfrac12
    \frac 12 || 0.50
    \frac{3}{4} || \frac{6}{8}
    -\frac{3}{4} || \frac{-3}{4}
    -\frac{3}{4} || \frac{3}{-4}
    -\frac{3}{4} || -3/4
    \frac{7}{3} || 2\frac{1}{3}
    \frac{7}{3} || 2 1/3
    -\frac{7}{3} || -2\frac13
    \frac{1}{3} || 0.\overline{3}
    \frac{1}{6} || 0.1\overline{6}
    \frac{1}{3} || 0.333...
    \frac{1}{3} || 0.(3)
    \frac{1}{3} || 0.333333
    \frac{1}{3} || 0.\dot{3}
    \frac{2}{3} || 0.6666667
    ½ || 0.5
    .5 || 0.5
    {3 \over 4} || 0.75`,
  'roots, powers, logarithms': String.raw`
    2\sqrt{2} || \sqrt{8}
    2\sqrt{2} || \sqrt 8
    2\sqrt{2} || 2√2
    \sqrt{17} || sqrt(17)
    \sqrt{17} || 17^{1/2}
    \sqrt[3]{16} || 2\sqrt[3]{2}
    \sqrt[3]{-8} || -2
    \frac{\sqrt{3}}{3} || \frac{1}{\sqrt3}
    \sqrt{5+2\sqrt{6}} || \sqrt2+\sqrt3
    2^{10} || 1024
    2^10 || 1024
    2**10 || 1024
    x^2 || x²
    \log_2 8 || 3
    \log_{10} 100 || 2
    \lg 1000 || 3
    \ln e^2 || 2
    \frac{\ln 8}{\ln 2} || 3
    \ln(6) || \ln 2 + \ln 3
    e^{\ln 5} || 5
    e^{i\pi} || -1
    10! || 3628800
    \binom{10}{3} || 120
    \dbinom{10}{3} || \frac{10!}{3!\cdot 7!}
    C_{10}^{3} || 120
    5!! || 15
    \lfloor 3.7 \rfloor || 3
    \lceil 3.2 \rceil || 4
    |{-5}| || 5
    \left|-5\right| || 5
    2^{100} || 1267650600228229401496703205376
    \sum_{k=1}^{10} k || 55
    \prod_{k=1}^{5} k || 120
    \int_0^1 x^2 dx || \frac13`,
  'constants and trigonometry': String.raw`
    \pi || 3.14159265
    \frac{\pi}{6} || \pi/6
    2\pi || 2π
    \sin 30^\circ || \frac12
    \cos\frac{\pi}{3} || 0.5
    \tan^2(y)+1 || \sec^2(y)
    \sin^2 x + \cos^2 x || 1
    2 \sin b \cos a || 2\cos a\sin b
    \sin^{-1}(1) || \frac{\pi}{2}
    \arctan 1 || \pi/4
    \sin 2x || 2\sin x\cos x
    90^\circ || 90
    90^{\circ} || 90°
    90^\circ || 90 \text{ degrees}
    90^\circ || \frac{\pi}{2}
    1 - \frac{1}{\mathrm{e}} || 1 - e^{-1}`,
  'complex numbers': String.raw`
    3+4i || 4i+3
    2i || \sqrt{-4}
    \frac{1}{1+i} || \frac{1-i}{2}
    (1+i)^2 || 2i
    -\frac12+\frac{\sqrt3}{2}i || e^{2\pi i/3}`,
  'expressions with variables': String.raw`
    x^2+2x+1 || (x+1)^2
    \frac{x+2}{7} || \frac{x}{7}+\frac{2}{7}
    2(x+y) || 2x+2y
    2*x + 3 || 3+2x
    \frac{1}{x}+\frac1y || \frac{x+y}{xy}
    \sqrt{x^2} || |x|
    (n+1)! || (n+1)\cdot n!
    \binom{n}{2} || \frac{n(n-1)}{2}
    2^{n+1} || 2\cdot 2^n
    a_1 + a_2 || a_2 + a_1
    x_{1} || x_1
    \sum_{k=1}^n k || \frac{n(n+1)}{2}
    F_n = \sum_{k=0}^{n-1} F_k F_{n-k-1} || F_n = \sum_{k=0}^{n-1} F_{n-k-1} F_k
    \alpha\beta || \beta\alpha
    \ln(x^2) || 2\ln x
    xyz || zyx
    f(x+1) || f(1+x)
    \log_a b || \frac{\ln b}{\ln a}`,
  'percent, money and units': String.raw`
    20\% || 20
    20\% || 0.2
    28\% || 28 percent
    28\% || 28 %
    12.5\% || \frac{1}{8}
    \$5 || 5
    \$5.50 || 5.5
    5 dollars || \$5
    €5 || 5
    15\mbox{ cm}^2 || 15
    15\text{ cm}^2 || 15\text{ square centimeters}
    5 \text{ m} || 500 \text{ cm}
    2 \text{ hours} || 120 \text{ minutes}
    10 apples || 10
    10 cm || 10\text{cm}
    \frac{1}{3} \text{ meters} || 1/3
    60 \text{ km/h} || 60 km per hour
    5 miles || 5
    x = 5\text{ cm} || 5
    36 \mathrm{~cm} || 36
    3 \times 10^8 \text{ m/s} || 3 \times 10^8
    12 \, \mathrm{m/s^2} || 12 m/s^2
    12 || 12 m/s²
    16\frac{2}{3}\% || \frac{50}{3}\%
    5 m || 5
    25^\circ\mathrm{C} || 25`,
  'equations and definitions': String.raw`
    x = 5 || 5
    x = 5 || 5 = x
    x=2+3=5 || 5
    y = 2x+1 || 2x+1
    y = 2x+1 || y - 2x = 1
    f(x) = 2x || f(t) = 2t
    f(x) = x^2+1 || x^2+1
    2x+4y-3=0 || y=-\frac{1}{2}x+\frac{3}{4}
    \frac{x^2}{4}+\frac{y^2}{9}=1 || 9x^2+4y^2=36
    y = \frac1x || xy = 1
    x+y=3 || 2x+2y=6
    x\approx 11 || 11
    \sqrt2 \approx 1.41421 || \sqrt 2
    \text{Area} = 5 || 5
    S_{ABC} = 12 || 12
    \angle ABC = 60^\circ || 60^\circ
    AB = 7 || 7
    P(A) = \frac14 || 0.25
    a + b = 7 || 7
    2x = 4 \Rightarrow x = 2 || 2
    (x,y) = (3,2) || (3,2)
    x=3, y=2 || (3,2)
    x=3, y=2 || y=2, x=3
    11:21 || V_1:V_2=11:21
    1:2 || 2:4
    1:2:3 || 2:4:6
    1:2 || \frac12`,
  'lists, sets and tuples': String.raw`
    1,2,3 || 3,1,2
    1,2,3 || 3, 2 and 1
    1, 2, 3 || \{1,2,3\}
    \{1,2\} || \{2,1\}
    \left\{1,2\right\} || \{ 2 , 1 \}
    1 \text{ and } 2 || 1,2
    x = 1 \text{ or } x = 2 || 1,2
    x=1,x=2 || x=2,x=1
    a=4,\,-8,\,-10 || -10,-8,4
    n=2,3,4 || n=4,3,2
    \pm 3 || 3,-3
    x = \pm 3 || -3 or 3
    1\pm\sqrt{19} || 1+\sqrt{19}, 1-\sqrt{19}
    1\pm\sqrt{19} || 1\mp\sqrt{19}
    (1,2) || \left(1,2\right)
    (1,2) || ( 1 , 2 )
    (0;1) || (0,1)
    (1,2),(3,4) || (3,4),(1,2)
    p=5,q=2;p=7,q=2 || (5,2),(7,2)
    \langle 1,2\rangle || (1,2)
    \left(\frac12, 3\right) || (0.5, 3)
    \{1,2,3\} || {1, 2, 3}
    19, 46, and 82 || 82, 46, 19
    \left\{\begin{array}{l}x=1\\y=2\end{array}\right. || (1,2)
    \begin{cases} x=1 \\ y=2 \end{cases} || x=1,y=2
    a_n=2n-1 || a_{n} = 2 n - 1, n\in \mathbb{N}^*
    x=1, y=2, z=3 || (1, 2, 3)
    \{1,2\} || x \in \{1,2\}
    \emptyset || \varnothing
    \emptyset || \{\}
    \text{no solution} || \emptyset
    2,2 || 2
    x=\frac{\pi}{2}+k\pi, k\in\mathbb{Z} || x=\frac{\pi}{2}+n\pi, n\in\mathbb{Z}`,
  'intervals and inequalities': String.raw`
    x < 3 || x \lt 3
    x \leq 2 || x <= 2
    x \le 5 || 5 \geq x
    x > 3 || (3,\infty)
    x > 3 || (3,+\infty)
    x \geq 3 || [3,\infty)
    1 < x < 2 || (1,2)
    1 < x \leq 2 || (1,2]
    2 \geq x > 1 || (1,2]
    0<f(x)<1 || (0,1)
    x \in (1,2) || (1,2)
    x \in (1,2) || 1<x<2
    x<1 \text{ or } x>3 || (-\infty,1)\cup(3,\infty)
    x>1 \text{ and } x<3 || (1,3)
    (-\infty, -1)\cup(1,+\infty) || |x|>1
    |x| \le 3 || [-3,3]
    x\leq -1 \text{ or } x\ge 1 || x \in (-\infty,-1] \cup [1, \infty)
    k \le -1 || k\in(-\infty,-1]
    x \neq 5 || (-\infty,5)\cup(5,\infty)
    x \neq 5 || \mathbb{R}\setminus\{5\}
    x \ne 5 || x != 5
    (-\infty,1]\cup[1,\infty) || \mathbb{R}
    \mathbb{R} || (-\infty,\infty)
    \mathbb{R} || all real numbers
    [0,2]\cup[1,3] || [0,3]
    [0,2]\cap[1,3] || [1,2]
    \{-1\}\cup[0,7) || [0,7)\cup\{-1\}
    ]1,2[ || (1,2)
    [1,2[ || [1,2)
    \{x \mid x > 3\} || (3,\infty)
    \{x : 1<x<2\} || (1,2)
    [-\frac12, \sqrt{2}] || [-0.5, \sqrt2]
    2x+y \le 4 || 4 \ge y+2x
    \infty || +\infty
    -\infty || -\infty`,
  'matrices and vectors': String.raw`
    \begin{pmatrix}1&2\\3&4\end{pmatrix} || \begin{bmatrix}1&2\\3&4\end{bmatrix}
    \begin{pmatrix}1&2\\3&4\end{pmatrix} || \begin{pmatrix} 1.0 & 2 \\ \frac62 & 4 \\ \end{pmatrix}
    \begin{pmatrix}1\\2\end{pmatrix} || \left(\begin{array}{c}1\\2\end{array}\right)
    \begin{pmatrix}1\\2\end{pmatrix} || (1,2)
    \begin{vmatrix}1&2\\3&4\end{vmatrix} || -2
    \begin{pmatrix}x+1\\2\end{pmatrix} || \begin{pmatrix}1+x\\2\end{pmatrix}`,
  'bases, words and choices': String.raw`
    1011_2 || 1011_{2}
    4210_5 || 4210
    \text{Evelyn} || Evelyn
    \text{Evelyn} || evelyn.
    \text{even} || Even
    Yes || \text{yes}
    \text{(C)} || C
    C || (C)
    \text{C} || C.
    B || B) 12
    \textbf{(B)}\ 12 || B
    \textbf{(B)}\ 12 || 12
    (C) 12 || 12
    \text{Navin} || \textbf{Navin}
    five || 5
    12:00 || 12:00
    \text{no solution} || There is no solution
    东 || 东`,
  'damaged escapes and marks': String.raw`
    \\frac{1}{2} || \frac12
    \\left(\\frac{1}{5},\\frac{1}{6}\\right) || (\frac15,\frac16)
    $\displaystyle\frac12$ || 0.5
    **5** || 5
    {5} || 5
    \[5\] || 5
    $$5$$ || \(5\)`,
}

const judge = (gold: string, prediction: string): boolean => judgeMath(prediction, gold).correct

describe.each(Object.entries(SAME))('the same: %s', (_, table) => {
  it.each(pairs(table))('%s is %s', (gold, prediction) => {
    expect([judge(gold, prediction), judge(prediction, gold)]).toEqual([true, true])
    expect(judge(gold, `So the answer is \\boxed{${prediction.replace(/^\$+|\$+$/g, '')}}.`)).toBe(true)
  })
})
