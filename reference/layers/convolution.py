"""1-D convolution of one channel: y_m = Σ_i w_i x_{m+i}, the nodes of a layer taken as a signal.

As in every framework it is the correlation, w not reversed, over the places where the whole of w lies on x.
A dense layer whose matrix has the same k weights in every column, shifted: what is shared is summed.
Shapes: x is (B, N), w (1, k), y and Δ are (B, N − k + 1).
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Convolution:
    """y_m = Σ_i w_i x_{m+i}; ``xp`` has ``windows`` and ``padded``."""

    xp: Any

    def forward(self, w: Any, x: Any) -> Any:
        """Each window of x times w."""
        return _along(self.xp.windows(x, w.shape[-1]), w)

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂ℰ/∂x_n = Σ_i w_i Δ_{n−i}: Δ, with nothing around it, convolved with w reversed. Shape (B, N)."""
        k = w.shape[-1]
        return _along(self.xp.windows(self.xp.padded(delta, k - 1), k), w[..., ::-1])

    def pullback_weight(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        """∂ℰ/∂w_i = Σ_m Δ_m x_{m+i}, over all windows of all samples. Shape (1, k)."""
        return (delta[..., None, :] @ self.xp.windows(x, w.shape[-1])).sum(axis=(-3,))


def _along(windows: Any, w: Any) -> Any:
    """(B, M, k) times w (1, k): one number a window, (B, M)."""
    return (windows @ w.mT[..., None, :, :])[..., 0]
