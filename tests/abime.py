"""Right files, damaged: what every reader is given beside the files that it should read.

Bounded in `make test`; `make drills` draws many more.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.profondeur import PROFONDEUR

FUZZ = settings(
    max_examples=PROFONDEUR.abimes,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def abimer(tirer: st.DrawFn, octets: bytes) -> bytes:
    """Cut out, double or turn pieces of `octets`, or put others in their place."""
    for _ in range(tirer(st.integers(1, 4))):
        debut = tirer(st.integers(0, len(octets)))
        fin = tirer(st.integers(debut, min(len(octets), debut + 200)))
        piece = octets[debut:fin]
        autres = [b"", piece * 2, piece[::-1], b"\0", b'"', b"\r", b"\xff", b";" * 50, b"[" * 200, b"\n\n"]
        octets = octets[:debut] + tirer(st.sampled_from(autres) | st.binary(max_size=40)) + octets[fin:]
    return octets
