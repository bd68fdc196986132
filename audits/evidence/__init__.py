"""The evidence bundle: what is taken away of a packet or a period, to be verified without this portal.

`take_packet` and `take_period` write one and record that; `check` looks at one that somebody brings.
"""

from audits.evidence.checking import Checked as Checked
from audits.evidence.checking import check as check
from audits.evidence.taking import Taken as Taken
from audits.evidence.taking import take_packet as take_packet
from audits.evidence.taking import take_period as take_period
