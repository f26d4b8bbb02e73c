select position
from skipped
where projector = $1
